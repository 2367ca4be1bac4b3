"""What the capsule asks, needs, promises and costs. Imports nothing of the model."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from capsule_kit import Capsule, ClassAnswer, Criterion, ErrorCost, Page, column


class Nuclei(BaseModel):
    """One breast mass: three measurements of the cell nuclei in its fine-needle aspirate."""

    specimen: str = column(
        identifier=True,
        meaning="Your own number of the specimen; shown beside every result.",
        example="WDBC-0042",
        says={
            "missing": "Give the specimen its number, so that you find it again.",
            "duplicate": "This specimen is in the table twice; give each row a number of its own.",
        },
    )
    mean_texture: float = column(
        unit="grey levels",
        at_least=5,
        at_most=60,
        meaning="Texture of the nuclei: standard deviation of their grey values, mean over the image.",
        example=18.84,
        synonyms=("texture_mean",),
        says={
            "missing": "Without the texture the model cannot say anything; measure it or leave the row out.",
            "bounds": "Textures lie between 5 and 60 grey levels; this one looks like another column.",
        },
    )
    worst_area: float = column(
        unit="square pixels",
        at_least=100,
        at_most=6000,
        meaning="Area of the nuclei: mean of the three largest in the image.",
        example=686.5,
        synonyms=("area_worst",),
        says={
            "missing": "Without the area the model cannot say anything; measure it or leave the row out.",
            "bounds": "Areas lie between 100 and 6000 square pixels; is this one in square micrometres?",
        },
    )
    worst_smoothness: float = column(
        unit="dimensionless",
        at_least=0.02,
        at_most=0.4,
        meaning="Smoothness of the outline: local variation of the radius, mean of the three worst.",
        example=0.1312,
        synonyms=("smoothness_worst",),
        says={
            "missing": "Without the smoothness the model cannot say anything; measure it or leave the row out.",
            "bounds": "Smoothness lies between 0.02 and 0.4; is this one in per cent?",
        },
    )


class Settings(BaseModel):
    """What may be changed on the form."""

    model_config = ConfigDict(extra="forbid")

    threshold: float = column(
        default=0.5,
        unit="dimensionless",
        at_least=0.01,
        at_most=0.99,
        meaning="A mass is called malignant from this probability on. Lower misses fewer, alarms more.",
        example=0.5,
    )


capsule = Capsule(
    name="tumor_malignancy",
    title="Is this breast mass malignant?",
    row=Nuclei,
    answer=ClassAnswer(
        column="diagnosis",
        classes=("benign", "malignant"),
        positive="malignant",
        meaning="What the biopsy or the follow-up showed.",
        words={"B": "benign", "M": "malignant"},
        says={"choices": "Write benign or malignant, or leave the cell blank if it is not known."},
    ),
    settings=Settings,
    model="tumor_malignancy.model",
    criteria=(
        Criterion(metric="sensitivity", at_least=0.85, tier="critical"),
        Criterion(metric="right", at_least=0.9, tier="supporting"),
    ),
    costs=(
        ErrorCost(
            answer="malignant",
            prediction="benign",
            cost=20,
            meaning="A cancer is missed and found months later.",
        ),
        ErrorCost(
            answer="benign",
            prediction="malignant",
            cost=1,
            meaning="A biopsy that was not needed.",
        ),
    ),
    profile=Path(__file__).parent / "model" / "profile.json",
    gate=Path(__file__).parent / "gate.toml",
    page=Page(
        does="Reads three measurements of cell nuclei from a fine-needle aspirate and says how"
        " probable it is that the mass is malignant.",
        needs="A table with one row for each specimen, the three measurements, and the diagnosis"
        " where you know it.",
        limits="Trained on 455 women of one hospital (Wisconsin, before 1995), all with a palpable"
        " mass. It has seen no screening population.",
    ),
)

flow = capsule.flow()
