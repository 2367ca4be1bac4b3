"""What the capsule asks, needs and promises. Imports nothing of the model."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from capsule_kit import Capsule, Criterion, OtherPython, Page, TimeAnswer, column

HERE = Path(__file__).parent


class Woman(BaseModel):
    """One woman with node-positive breast cancer, at the time of her operation."""

    patient: str = column(
        identifier=True,
        meaning="Your own number of the patient; shown beside every result.",
        example="P-0042",
        says={
            "missing": "Give the patient a number, so that you find her again.",
            "duplicate": "This patient is in the table twice; give each row a number of its own.",
        },
    )
    hormone_therapy: bool = column(
        meaning="Whether she is given hormone therapy (tamoxifen) after the operation.",
        example="yes",
        synonyms=("horTh", "tamoxifen"),
        says={"missing": "The risk is another with hormone therapy than without; say yes or no."},
    )
    age: int = column(
        unit="year",
        at_least=18,
        at_most=100,
        meaning="Her age at the operation.",
        example=53,
        says={"bounds": "The model is for adults from 18 to 100 years; is this a year of birth?"},
    )
    menopause: Literal["before", "after"] = column(
        meaning="Whether she was before or after menopause.",
        example="after",
        synonyms=("menostat", "menopausal_status"),
        words={
            "Pre": "before",
            "premenopausal": "before",
            "Post": "after",
            "postmenopausal": "after",
        },
    )
    tumor_size: float = column(
        unit="mm",
        at_least=1,
        at_most=250,
        meaning="Largest diameter of the tumour.",
        example=25,
        synonyms=("tsize", "tumour_size"),
        says={"bounds": "Tumours measure from 1 to 250 mm; is this one in cm?"},
    )
    tumor_grade: Literal["I", "II", "III"] = column(
        meaning="Grade of the tumour.",
        example="II",
        synonyms=("tgrade", "grade"),
        words={"1": "I", "2": "II", "3": "III", "G1": "I", "G2": "II", "G3": "III"},
    )
    positive_nodes: int = column(
        unit="dimensionless",
        at_least=1,
        at_most=80,
        meaning="How many lymph nodes had cancer cells.",
        example=3,
        synonyms=("pnodes", "nodes"),
        says={
            "bounds": "The study took women with at least one such node; this model is for no others."
        },
    )
    progesterone_receptor: float = column(
        unit="fmol/mg",
        at_least=0,
        at_most=5000,
        meaning="Progesterone receptor in the tumour, per milligram of protein.",
        example=33,
        synonyms=("progrec", "pgr"),
    )
    estrogen_receptor: float = column(
        unit="fmol/mg",
        at_least=0,
        at_most=5000,
        meaning="Estrogen receptor in the tumour, per milligram of protein.",
        example=36,
        synonyms=("estrec", "er"),
    )


class Settings(BaseModel):
    """Nothing can be changed on the form."""

    model_config = ConfigDict(extra="forbid")


ANSWER = TimeAnswer(
    column="recurrence_free_days",
    unit="day",
    event="recurrence",
    event_meaning="Whether the cancer came back or she died; no where she was only followed so long.",
    predicts="risk",
    meaning="Days from the operation until the cancer came back, or she died, or she was last seen.",
    example=1084,
    synonyms=("time", "rfs_days"),
    event_synonyms=("cens", "event", "status"),
)
CRITERIA = (Criterion(metric="concordance", at_least=0.6, tier="critical"),)

capsule = Capsule(
    name="breast_cancer_recurrence",
    title="How soon will this breast cancer come back?",
    row=Woman,
    answer=ANSWER,
    settings=Settings,
    model=OtherPython("/opt/model/bin/python", "breast_cancer_recurrence.model"),
    criteria=CRITERIA,
    profile=HERE / "model" / "profile.json",
    gate=HERE / "gate.toml",
    page=Page(
        does="Reads what is known at the operation and says each woman's risk beside an average woman's: 2"
        " means that the cancer comes back twice as soon. Of two women it names the one in whom it came"
        " back first in 69 of 100 pairs.",
        needs="A table with one row for each woman, the eight measurements, and how long she stayed well"
        " where you know it.",
        limits="Fitted on 548 women of one German study (1984 to 1989), all with positive nodes. Treatment has"
        " changed since, and it says nothing of women without positive nodes.",
    ),
)

flow = capsule.flow()
