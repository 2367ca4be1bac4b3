"""The command `capsules`: every subcommand reads its words here and calls one function elsewhere."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from capsule_flows.command_words import Exit, Json, out, say
from capsule_flows.commands_behaviour import behave
from capsule_flows.commands_cases import cases_app, check, try_
from capsule_flows.commands_challenge import challenge, keep, replay
from capsule_flows.commands_gate import gate, override
from capsule_flows.commands_new import models, new
from capsule_flows.commands_next import next_
from capsule_flows.commands_people import people_app, share
from capsule_flows.commands_release import release, releases
from capsule_flows.commands_trials import compare, report, show, trials
from capsule_flows.errors import FlowsError
from capsule_flows.home import folder, resources, set_environment

ApiPort = Annotated[int, typer.Option(help="The Prefect server's port.")]
AppPort = Annotated[int, typer.Option(help="The app's port.")]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Take a model that is not ready yet to the expert who can tell whether it is right.",
)
app.add_typer(cases_app, name="cases")
app.add_typer(people_app, name="people")
for each in (
    new,
    models,
    release,
    releases,
    behave,
    check,
    keep,
    challenge,
    replay,
    trials,
    show,
    compare,
    report,
    gate,
    override,
    share,
):
    app.command()(each)
app.command("try")(try_)
app.command("next")(next_)


def main() -> None:
    """Run the command; every error it knows is one sentence on standard error and an exit code."""
    set_environment()
    try:
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        if said := error.format_message().rstrip("."):
            say(f"{said}. `capsules --help` lists what can be said.")
        code = Exit.USAGE
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except FlowsError as error:
        say(str(error))
        code = error.exit_code
    sys.exit(code if isinstance(code, int) else 0)


@app.command()
def up(
    api_port: ApiPort = 4200,
    app_port: AppPort = 5006,
    models: Annotated[
        bool, typer.Option("--models", help="With a model registry of its own, an MLflow server.")
    ] = False,
    models_port: Annotated[int, typer.Option(help="Port of that registry.")] = 5000,
) -> int:
    """Start the Prefect server, the workers, the sweep and the app; serve until Ctrl-C."""
    registry = models_port if models else None
    return _start(api_port, app_port, demo=False, once=False, models_port=registry)


@app.command()
def demo(
    api_port: ApiPort = 4200,
    app_port: AppPort = 5006,
    once: Annotated[bool, typer.Option("--once", help="Stop after the result.")] = False,
) -> int:
    """Like `up`, and take the example cases of every capsule through a trial."""
    return _start(api_port, app_port, demo=True, once=once)


@app.command()
def deploy(
    prefect_file: Annotated[Path, typer.Option(help="Deploy what this file declares.")] = Path(
        "prefect.yaml"
    ),
    log: Annotated[bool, typer.Option("--log", help="Print what the build prints, too.")] = False,
) -> int:
    """Make the work pools and deploy everything that prefect.yaml declares."""
    from capsule_flows import deploying
    from capsule_flows.engine import choose_docker
    from capsule_flows.new_releases import replay_new_releases
    from capsule_flows.progress_lines import Steps

    tell, where = Steps(), resources()
    docker = choose_docker(tell)
    deploying.deploy(prefect_file, with_docker=docker, tell=tell, log=print if log else None)
    deploying.add_examples(where, tell)
    deploying.tell_blanks(tell)
    for name in replay_new_releases(where):
        tell(f"The challenge cases of {name} are replayed on its new release.")
    return 0


@app.command()
def doctor(as_json: Json = False) -> int:
    """Say what this machine has of what a start needs; exit 1 where something is missing."""
    from capsule_flows.diagnosis import diagnose

    found = diagnose()
    rows = [{"what": one.what, "ok": one.ok, "sentence": one.sentence} for one in found]
    lines = [f"{'ok     ' if one.ok else 'missing'}  {one.what}: {one.sentence}" for one in found]
    out(as_json, rows, lines)
    return int(not all(one.ok or one.optional for one in found))


def _start(
    api_port: int, app_port: int, *, demo: bool, once: bool, models_port: int | None = None
) -> int:
    from capsule_flows.engine import choose_docker
    from capsule_flows.local_registry import make_registry
    from capsule_flows.planning import plan_start
    from capsule_flows.progress_lines import Steps
    from capsule_flows.supervising import OneStart

    lock, tell = OneStart(folder()), Steps()
    plan = plan_start(
        api_port=api_port,
        app_port=app_port,
        with_docker=choose_docker(tell),
        models_port=models_port,
    )
    if models_port:
        make_registry(plan.folder, tell)
    os.environ.update(plan.environment())
    # Imported only now: Prefect reads its settings from the environment once, at import.
    from capsule_flows import demonstration

    return demonstration.run_start(plan, lock, tell, demo=demo, once=once)


if __name__ == "__main__":
    main()
