"""The same question, columns and answer as `breast_cancer_recurrence`; the model speaks the protocol, in R."""

from pathlib import Path

from breast_cancer_recurrence.declaration import ANSWER, CRITERIA, Settings, Woman
from capsule_kit import Capsule, Command, Page

HERE = Path(__file__).parent

capsule = Capsule(
    name="breast_cancer_recurrence_in_r",
    title="How soon will this breast cancer come back? (in R)",
    row=Woman,
    answer=ANSWER,
    settings=Settings,
    model=Command("Rscript", "predict.R"),
    criteria=CRITERIA,
    profile=HERE / "model" / "profile.json",
    page=Page(
        does="The same regression on the same women as the capsule in Python, fitted by R: what one says,"
        " the other says.",
        needs="The same table.",
        limits="The same: 548 women of one German study (1984 to 1989), all with positive nodes.",
    ),
)

flow = capsule.flow()
