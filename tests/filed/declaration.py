"""What the capsule asks for: a scan of each specimen, as a file."""

from pydantic import BaseModel, ConfigDict

from capsule_kit import Capsule, NumberAnswer, Page, column


class Row(BaseModel):
    """One case."""

    specimen: str = column(identifier=True, meaning="Its number.", example="A-1")
    scan: str = column(file="image", draws="image", meaning="Its scan.", example="a.png")


class Settings(BaseModel):
    """Nothing can be chosen."""

    model_config = ConfigDict(extra="forbid")


capsule = Capsule(
    name="filed",
    title="What do the scan's bytes add up to?",
    row=Row,
    answer=NumberAnswer(
        column="total", unit="dimensionless", tolerance=0.5, meaning="Their sum.", example=1000
    ),
    settings=Settings,
    model="filed.model",
    page=Page(does="Adds.", needs="A scan.", limits="Knows none."),
)

flow = capsule.flow()
