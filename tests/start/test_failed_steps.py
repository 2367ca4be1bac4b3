"""Out of all that a failed step printed, the line that says what to mend comes first."""

import pytest

from capsule_flows.deploying import DeployFailed
from capsule_flows.failed_steps import last_lines, line_that_matters

STEP = """Running deployment build steps...
Step 7/23 : COPY capsules/thing/requirements.txt /build/
 ---> Using cache
Step 8/23 : RUN {command}
 ---> Running in 168625471cf2
{printed}
An exception occurred.

Traceback (most recent call last):
  File "/env/prefect_docker/deployments/steps.py", line 359, in _build_docker_image_docker_py
    raise BuildError(event["error"])
prefect.utilities.dockerutils.BuildError: {error}

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/env/prefect/deployments/steps/core.py", line 285, in run_steps
    raise StepExecutionError(f"Encountered error while running {{fqn}}") from exc
prefect.deployments.steps.core.StepExecutionError: Encountered error while running build_docker_image
"""
RETURNED = "The command '/bin/sh -c {command}' returned a non-zero code: 1"
UV = (
    "\x1b[91merror\x1b[0m\x1b[91m: No solution found when resolving dependencies\x1b[0m\n"
    "\x1b[91m  cause: Because there is no version of scikit-learn==99.1 and you require"
    " scikit-learn==99.1, your requirements are unsatisfiable.\n\x1b[0m"
)
PYTHON = """Traceback (most recent call last):
  File "/opt/code/thing/train.py", line 3, in <module>
    import nothing_there
ModuleNotFoundError: No module named 'nothing_there'"""
DECLARATION = """Traceback (most recent call last):
  File "/env/prefect/utilities/importtools.py", line 10, in import_object
    module = load_module(module_name)
  File "/here/capsules/thing/declaration.py", line 8, in <module>
    class Row(BaseModel):
  File "/here/capsules/thing/declaration.py", line 11, in Row
    size: float = column(
                  ^^^^^^^
TypeError: column() got an unexpected keyword argument 'meening'
"""
OWN = """Traceback (most recent call last):
  File "/here/capsules/thing/declaration.py", line 40, in <module>
    capsule = Capsule(
  File "/here/capsules/capsule_kit/columns.py", line 160, in _refuse_contradictions
    raise DeclarationError(
capsule_kit.errors.DeclarationError: thing.Row.size: the number has no unit. Say unit="mg/L".
"""


def build(printed: str, error: str = RETURNED, command: str = "uv pip install") -> str:
    """Return what `prefect deploy` prints where an image's build fails."""
    return STEP.format(printed=printed, error=error.format(command=command), command=command)


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (build(UV), "Because there is no version of scikit-learn==99.1 and you require"),
        (build("E: Unable to locate package r-base-kore"), "Unable to locate package r-base-kore"),
        (
            build("WARNING: old\nERROR: Could not find a version that satisfies nothing==1"),
            "Could not find a version that satisfies nothing==1",
        ),
        (build(PYTHON), "ModuleNotFoundError: No module named 'nothing_there'"),
        (build("fit.c:3:1: error: expected ';'"), "expected ';'"),
        (build("Killed"), "Killed"),
        (
            build("Error in coxph(y ~ ., data = x) : \n  No observations\nExecution halted"),
            "No observations",
        ),
        (
            build("", "COPY failed: file not found in build context: stat capsules/thing/artefact"),
            "COPY failed: file not found in build context: stat capsules/thing/artefact",
        ),
        (
            build("", "dockerfile parse error line 39: unknown instruction: FRM"),
            "dockerfile parse error line 39: unknown instruction: FRM",
        ),
        (
            DECLARATION,
            "capsules/thing/declaration.py, line 11: TypeError: column() got an unexpected keyword",
        ),
        (OWN, 'thing.Row.size: the number has no unit. Say unit="mg/L".'),
        ("There is no prefect.yaml here: run it in the project's folder.", "There is no prefect"),
        ("", "it said nothing."),
    ],
)
def test_the_line_that_matters_comes_first(output: str, line: str) -> None:
    assert line_that_matters(output).startswith(line)
    assert str(DeployFailed("prefect deploy", output)).startswith(f"prefect deploy failed: {line}")


def test_the_last_lines_are_those_of_the_step_and_none_of_prefects_own() -> None:
    lines = last_lines(build(UV), 15)
    assert lines[0] == "Step 8/23 : RUN uv pip install"
    assert not any("Traceback" in line or "prefect" in line for line in lines)


def test_what_is_one_sentence_is_said_once() -> None:
    assert (
        str(DeployFailed("Deploying", "Nothing is here.")) == "Deploying failed: Nothing is here."
    )
