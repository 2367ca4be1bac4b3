"""What builds and deploys a drafted capsule: Dockerfile, the model's requirements, `prefect.yaml`. Pure."""

import re
from collections.abc import Sequence

from capsule_flows.new_model import ARTIFACT
from capsule_flows.new_source import Source

PYTHON = "3.11"
"""The Python of the image's base."""
KIT_LOCK = "capsules/capsule_kit/requirements.txt"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

DOCKERFILE = """# Built from the repository's root: docker build -f capsules/{name}/Dockerfile .
ARG BASE=python:{python}-slim-bookworm

FROM ${{BASE}} AS build
COPY requirements-uv.txt /build/
RUN python -m venv /build/uv \\
 && /build/uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r /build/requirements-uv.txt
# What every such capsule stands on; then what this model needs: a change of code rebuilds neither.
COPY {lock} /build/kit.txt
RUN /build/uv/bin/uv venv --quiet /opt/capsule \\
 && /build/uv/bin/uv pip install --quiet --system-certs --python /opt/capsule/bin/python --compile-bytecode \\
      --require-hashes -r /build/kit.txt
{own}
FROM build AS code
COPY capsules/capsule_kit /opt/code/capsule_kit
COPY capsules/{name}/*.py /opt/code/{name}/
COPY capsules/{name}/{artifact} /opt/code/{name}/{artifact}
RUN /opt/capsule/bin/python -m compileall -q /opt/code

FROM ${{BASE}}
{system}COPY --from=build /opt/capsule /opt/capsule
{model}COPY --from=code /opt/code /opt/code
ENV PATH=/opt/capsule/bin:$PATH \\
    PYTHONPATH=/opt/code \\
    PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1 \\
    DO_NOT_TRACK=1
USER 65534:65534
WORKDIR /tmp
ARG CODE_VERSION=unknown
ENV CAPSULE_CODE_VERSION=${{CODE_VERSION}}
"""
OWN = """
# A Python of the model's own: what it needs need not go together with what the capsule stands on.
COPY capsules/{name}/requirements.txt /build/
RUN /build/uv/bin/uv venv --quiet /opt/model \\
 && /build/uv/bin/uv pip install --quiet --system-certs --python /opt/model/bin/python --compile-bytecode \\
      -r /build/requirements.txt
"""
R = """RUN apt-get update -qq \\
 && apt-get install -y -qq --no-install-recommends r-base-core \\
 && rm -rf /var/lib/apt/lists/*
"""
PREFECT = """# `capsules deploy --prefect-file capsules/{name}/prefect.yaml` builds its image and publishes it.
name: prefect-capsules
pull: []

deployments:
  - name: trial
    entrypoint: {name}.declaration.flow
    version: "{{{{ commit.stdout }}}}"
    tags: [capsule]
    parameters: {{cases: example}}
    work_pool:
      name: capsules
      job_variables:
        image: "{{{{ built.image_id }}}}"
    build:
      - prefect.deployments.steps.run_shell_script:
          id: commit
          # A file that git does not know yet is an uncommitted change, too.
          script: >-
            sh -c 'git rev-parse HEAD >/dev/null 2>&1 || {{ echo unknown; exit; }};
            echo "$(git rev-parse HEAD)$(git status --porcelain | grep -q . && echo -dirty)"'
      - prefect_docker.deployments.steps.build_docker_image:
          id: built
          requires: prefect-docker
          image_name: prefect-capsules/{image}
          tag: "{{{{ commit.stdout }}}}"
          dockerfile: capsules/{name}/Dockerfile
          buildargs: {{CODE_VERSION: "{{{{ commit.stdout }}}}"}}
          network_mode: host
          pull: false
          rm: true
"""


def dockerfile(name: str, source: Source) -> str:
    """Return the Dockerfile of a capsule of this name."""
    own = source.kind != "r"
    return DOCKERFILE.format(
        name=name,
        lock=KIT_LOCK,
        python=PYTHON,
        artifact=ARTIFACT,
        own=OWN.format(name=name) if own else "",
        model="COPY --from=build /opt/model /opt/model\n" if own else "",
        system="" if own else R,
    )


def requirements(source: Source) -> str | None:
    """Return what the model's own Python gets; None where it has none.

    MLflow's own package is taken without its server, which a container has no use for.
    """
    if source.kind == "r":
        return None
    lines = [_without_server(line) for line in source.card.requirements]
    lines = [*lines, *_missing(lines, ["mlflow-skinny"] if source.kind == "mlflow" else [])]
    return "".join(f"{line}\n" for line in [*lines, *_missing(lines, ["pandas"])])


def other_python(source: Source) -> tuple[str, ...]:
    """Return what is to be asked where the model was written with another Python than its image has."""
    written = ".".join((source.card.python or PYTHON).split(".")[:2])
    if written == PYTHON or source.kind == "r":
        return ()
    said = (
        f"The model was written with Python {written}, its image has {PYTHON}: where it does not load,"
        f" have the Dockerfile make /opt/model with uv's --python {written}."
    )
    return (said,)


def deployment(name: str) -> str:
    """Return the `prefect.yaml` that deploys this capsule alone."""
    return PREFECT.format(name=name, image=name.replace("_", "-"))


def _without_server(line: str) -> str:
    return re.sub(r"^mlflow(\[[^]]*\])?(?=[\s=<>!~;]|$)", "mlflow-skinny", line)


def _missing(lines: Sequence[str], wanted: Sequence[str]) -> list[str]:
    there = {found[0].lower().replace("_", "-") for line in lines if (found := NAME.match(line))}
    return [one for one in wanted if one not in there]
