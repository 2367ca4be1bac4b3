"""Cases unlike the training, and cases used in it, stay in every rate and are counted by themselves."""

import pandas as pd

from capsule_flows.judging import judge
from capsule_kit.answers import TimeAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.training_profile import profile_of

from .examples import class_manifest, manifest_of, tables

SIZE = Column(name="size", kind="number", unit="mm", meaning="m", example="9")
PLAIN = class_manifest()
CONTRACT = Contract(columns=(*PLAIN.contract.columns, SIZE), answer=PLAIN.contract.answer)
TRAINED_ON = pd.DataFrame({"site": ["lung", "skin"] * 5, "size": [float(n) for n in range(10)]})
MANIFEST = PLAIN.model_copy(
    update={"contract": CONTRACT, "profile": profile_of(TRAINED_ON, CONTRACT)}
)


def judged(sizes: list[float], predictions: list[str]) -> tuple[list[str], pd.DataFrame]:
    inputs, answers, predicted = tables(["benign"] * len(sizes), predictions)
    inputs = inputs.assign(size=sizes, site="lung")
    judgement, table = judge(inputs, answers, predicted, MANIFEST)
    assert judgement.training is not None
    assert judgement.judged == len(sizes)
    assert set(judgement.training.sentences) <= set(judgement.notes)
    return list(judgement.training.sentences), table.sort_values("row")


def test_the_rate_without_cases_unlike_the_training_stands_beside_the_rate() -> None:
    said, table = judged([0.5, 1.5, 32.0, 40.0], ["benign", "malignant", "benign", "malignant"])

    (one,) = said
    assert one.startswith(
        "2 cases are unlike what the model was trained on; it was right on 1 of 2."
        " Without them: 1 of 2 (50 %, plausibly"
    )
    assert table["unlike"].tolist()[2] == "size 32 mm; training had 0 to 9 mm"


def test_a_case_that_was_trained_on_is_counted_and_named_as_such() -> None:
    said, table = judged([0.0, 0.5], ["benign", "malignant"])

    assert said[0].startswith("1 case was used to train the model; it was right on 1 of 1.")
    assert table["trained_on"].tolist() == [True, False]


def test_without_any_other_case_no_rate_is_made_up() -> None:
    said, _ = judged([32.0], ["benign"])

    (one,) = said
    assert one.endswith("it was right on 1 of 1. No judged case is left without them.")


def test_of_times_the_order_without_them_stands_beside_the_order() -> None:
    answer = TimeAnswer(column="truth", unit="days", meaning="death", example=30)
    contract = Contract(columns=CONTRACT.columns, answer=answer)
    manifest = manifest_of(answer).model_copy(
        update={"contract": contract, "profile": profile_of(TRAINED_ON, contract)}
    )
    inputs, answers, predicted = tables([1.0, 2.0, 3.0], [1.0, 3.0, 2.0])
    inputs = inputs.assign(size=[0.5, 1.5, 32.0], site="lung")
    answers["event"] = True
    judgement, _ = judge(inputs, answers, predicted, manifest)
    assert judgement.training is not None
    assert judgement.training.unlike_right is None
    assert judgement.training.sentences == (
        (
            "1 case is unlike what the model was trained on. Without them: of two cases it put the one"
            " that came first first in none of the pairs seen (no interval: it holds from 50 cases on)."
        ),
    )


def test_all_right_without_them_is_not_told_as_certain() -> None:
    said, _ = judged([0.5, 1.5, 32.0], ["benign", "benign", "malignant"])

    assert said[0].endswith("Without them: 2 of 2 (plausibly 22 % or more).")


def test_without_a_profile_nothing_is_claimed() -> None:
    judgement, table = judge(*tables(["benign"], ["benign"]), PLAIN)

    assert judgement.training is None
    assert "unlike" not in table
