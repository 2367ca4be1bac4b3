"""Start the app: `python -m capsule_panel --port N`."""

import argparse
import sys

from capsule_flows import home


def main() -> None:
    """Serve the app until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m capsule_panel", description=__doc__)
    parser.add_argument("--port", type=int, default=5006)
    parser.add_argument("--address", default="127.0.0.1", help="loopback unless you say otherwise")
    asked = parser.parse_args()
    # Prefect's settings freeze when it is imported, which serving does.
    home.set_environment()
    from capsule_flows.errors import FlowsError
    from capsule_panel.serving import CannotServe, serve

    try:
        serve(asked.port, asked.address)
    except (CannotServe, FlowsError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
