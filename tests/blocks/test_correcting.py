"""An answer corrected after the prediction was seen is a revision that says so, and changes nothing before it."""

import pandas as pd
import pytest

from capsule_blocks import CaseStore, Ledger
from capsule_blocks.tables import Trial
from capsule_flows.correcting import Correction, NoSuchAnswer, correct_answer
from capsule_flows.home import Resources
from capsule_kit.answers import ClassAnswer, NumberAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.manifest import Manifest, Page
from rows import trial_on

COLUMNS = (Column(name="x", kind="number", unit="mm", meaning="a length", example="1"),)
CLASSES = ClassAnswer(column="truth", classes=("benign", "malignant"), meaning="the biopsy")
NUMBER = NumberAnswer(
    column="truth", unit="mm", tolerance=1, at_least=0, meaning="as measured", example=2
)
CASES = pd.DataFrame({"case_id": ["a", "b", "c"], "row": [2, 3, 4], "x": [1.0, 2.0, 3.0]})


def tried(
    store: CaseStore, ledger: Ledger, answer: ClassAnswer | NumberAnswer, known: pd.Series
) -> tuple[Resources, Trial]:
    contract = Contract(columns=COLUMNS, answer=answer)
    manifest = Manifest(
        name="tiny",
        title="?",
        contract=contract,
        criteria=(),
        costs=(),
        page=Page(does="", needs="", limits=""),
    )
    answers = pd.DataFrame({"case_id": ["a", "b"], "truth": known})
    resources = Resources(store=store, ledger=ledger, app_url="", prefect_ui="")
    return resources, trial_on(resources, manifest, CASES, answers)


def correction(case_id: str, answer: str) -> Correction:
    return Correction(case_id, "S-1", answer, "The slide was read again.", "Ada")


def test_the_revision_says_what_changed_why_and_after_which_trial(
    store: CaseStore, ledger: Ledger
) -> None:
    known = pd.Series(["benign", "malignant"], dtype="string")
    resources, trial = tried(store, ledger, CLASSES, known)
    saved = correct_answer(resources, trial, correction("a", "malignant"))
    assert (saved.revision, saved.after_seeing, saved.by) == (2, trial.flow_run_id, "Ada")
    assert saved.reason == (
        "Corrected after the prediction was seen."
        " S-1: benign became malignant. The slide was read again."
    )
    case_set = ledger.case_set("tiny", "c")
    assert case_set is not None
    latest = ledger.latest_answers(case_set.id)
    assert latest is not None
    now = store.answers(case_set.inputs_hash, latest.answers_hash)
    assert now.to_dict("list") == {"case_id": ["a", "b"], "answer": ["malignant", "malignant"]}


def test_what_was_locked_for_the_trial_stays_as_it_was(store: CaseStore, ledger: Ledger) -> None:
    known = pd.Series(["benign", "malignant"], dtype="string")
    resources, trial = tried(store, ledger, CLASSES, known)
    correct_answer(resources, trial, correction("a", "malignant"))
    assert trial.answers_revision_id is not None
    locked = ledger.answers_revision(trial.answers_revision_id)
    case_set = ledger.case_set("tiny", "c")
    assert locked is not None
    assert case_set is not None
    assert list(store.answers(case_set.inputs_hash, locked.answers_hash)["answer"]) == list(known)
    assert locked.after_seeing is None


def test_an_answer_that_was_blank_can_be_given(store: CaseStore, ledger: Ledger) -> None:
    resources, trial = tried(store, ledger, NUMBER, pd.Series([1.5, 2.5]))
    saved = correct_answer(resources, trial, correction("c", "3,5"))
    case_set = ledger.case_set("tiny", "c")
    assert case_set is not None
    now = store.answers(case_set.inputs_hash, saved.answers_hash)
    assert now.to_dict("list") == {"case_id": ["a", "b", "c"], "answer": [1.5, 2.5, 3.5]}
    assert "no answer became 3,5" in saved.reason


@pytest.mark.parametrize("text", ["-1", "much", ""])
def test_an_answer_that_the_contract_does_not_allow_is_refused(
    store: CaseStore, ledger: Ledger, text: str
) -> None:
    resources, trial = tried(store, ledger, NUMBER, pd.Series([1.5, 2.5]))
    with pytest.raises(NoSuchAnswer):
        correct_answer(resources, trial, correction("a", text))
    assert trial.case_set_id is not None
    latest = ledger.latest_answers(trial.case_set_id)
    assert latest is not None
    assert latest.revision == 1
