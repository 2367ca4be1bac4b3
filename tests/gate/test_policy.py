"""A policy is read from its file, checked at import with the place and the mend, and is no part of the release."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, ConfigDict

from capsule_flows.releases import Published
from capsule_kit import Capsule, ClassAnswer, Page, column
from capsule_kit.errors import DeclarationError
from capsule_kit.manifest import Manifest
from capsule_kit.policy import Policy

EXAMPLE = Path(__file__).parents[2] / "capsules" / "tumor_malignancy" / "gate.toml"
CRITERION = '[[criteria]]\nmetric = "right"\nat_least = 0.8\n'


class Row(BaseModel):
    area: float = column(unit="mm²", at_least=0, at_most=9, meaning="Its area.", example=1)


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    threshold: float = column(
        default=0.5, unit="dimensionless", at_least=0, at_most=1, meaning="Cut.", example=0.5
    )


def declared(gate: Path) -> Capsule:
    return Capsule(
        name="mass",
        title="Is it?",
        row=Row,
        answer=ClassAnswer(column="truth", classes=("no", "yes"), positive="yes", meaning="seen"),
        settings=Settings,
        model="mass.model",
        page=Page(does="x", needs="x", limits="x"),
        gate=gate,
    )


def written(folder: Path, text: str) -> Path:
    file = folder / "gate.toml"
    file.write_text(text)
    return file


def test_the_examples_policy_can_be_read() -> None:
    policy = Policy.of_file(EXAMPLE)
    assert policy is not None
    assert policy.verdicts is not None
    assert {one.tier for one in policy.criteria} == {"critical", "supporting", "advisory"}


def test_it_goes_through_the_deployment_whole(tmp_path: Path) -> None:
    file = written(tmp_path, f"{CRITERION}[settings]\nthreshold = 0.3\n")
    made = declared(file)
    schema = {"properties": {"cases": made.manifest.as_schema_keys()}}
    back = Manifest.from_schema(schema)
    assert back is not None
    assert back.gate == made.manifest.gate
    assert back.gate is not None
    assert back.gate.settings == {"threshold": 0.3}


def test_where_there_is_no_file_there_is_no_policy(tmp_path: Path) -> None:
    assert declared(tmp_path / "gate.toml").manifest.gate is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("criteria = [", "this is not TOML"),
        ("criteria = []", "no criterion is critical"),
        (CRITERION + 'tier = "advisory"\n', "no criterion is critical"),
        (CRITERION + "confidence = 0.9\n", "criteria 1: how sure it must be is said once"),
        (CRITERION.replace("0.8", "1.8"), "criteria 1: a bound on right lies between 0 and 1"),
        (CRITERION.replace("right", "auroc") + 'cases = "sealed"\n', "challenge cases show right"),
        (CRITERION.replace("right", "mean error"), "a bound on the mean error is at_most"),
        (CRITERION.replace("right", "concordance"), "concordance cannot be measured"),
        (CRITERION + 'where = ["sex", "f"]\n', "there is no column 'sex'"),
        (CRITERION + "[verdicts]\nat_last = 2\n", "verdicts, at_last: Extra inputs"),
        (CRITERION + "[settings]\nthreshold = 7\n", "settings, threshold: Input should be less"),
        (CRITERION + "[settings]\nthresh = 0.3\n", "settings, thresh: Extra inputs"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_import(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declared(written(tmp_path, text))
    assert said in str(refused.value)


def published(gate: Path) -> Published:
    made = declared(gate)
    schema: dict[str, Any] = {"properties": {"settings": {}}}
    return Published(uuid4(), "mass/trial", made.manifest, schema, None, None, "mass.flow", None)


def test_another_policy_makes_no_other_release(tmp_path: Path) -> None:
    loose = published(written(tmp_path, CRITERION)).release()
    strict = published(written(tmp_path, CRITERION.replace("0.8", "0.9"))).release()
    assert loose.id == strict.id
    assert "gate" not in loose.manifest
