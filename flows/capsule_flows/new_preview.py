"""A capsule of this folder as its declaration has it now, before anything of it is built or deployed.

Run as `python -m capsule_flows.new_preview NAME`: an author's code runs in a process of its own.
"""

import json
import subprocess
import sys
from importlib import import_module
from uuid import UUID

from capsule_flows.errors import FlowsError
from capsule_flows.failed_steps import line_that_matters
from capsule_flows.releases import Published
from capsule_kit.manifest import Manifest

LONGEST_S = 60.0
NOWHERE = UUID(int=0)


class CannotShow(FlowsError):
    """A declaration does not stand."""

    exit_code = 64

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"The declaration of {name} does not stand: {problem}")


def preview(name: str) -> Published:
    """Return the capsule as its declaration has it now, of no deployment and no image.

    Raises:
        CannotShow: it does not stand; the line that matters is in it.
    """
    command = [sys.executable, "-m", "capsule_flows.new_preview", name]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired as cause:
        raise CannotShow(name, f"it is not read within {LONGEST_S:.0f} s.") from cause
    if done.returncode:
        raise CannotShow(name, line_that_matters(done.stderr))
    schema = json.loads(done.stdout.splitlines()[-1])
    manifest = Manifest.from_schema(schema)
    if manifest is None:
        raise CannotShow(name, "its flow is no capsule's.")
    return Published(
        deployment_id=NOWHERE,
        full_name=f"{manifest.name}/preview",
        manifest=manifest,
        schema=schema,
        image=None,
        code_version=None,
        entrypoint=f"{name}.declaration.flow",
        work_pool=None,
    )


if __name__ == "__main__":
    flow = import_module(f"{sys.argv[1]}.declaration").flow
    sys.stdout.write(json.dumps(flow.parameters.model_dump(mode="json")))
