"""The report of a trial as one value: what was tried, on what, what came out, who said what, what limits it.

The same value is written as HTML, JSON and CSV. Its JSON schema is docs/report.schema.json.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from capsule_flows.behaviour_judging import Behaved
from capsule_flows.experts import Experts
from capsule_flows.judgement import Judgement

Guideline = Literal["DECIDE-AI", "TRIPOD+AI"]

MOST_CASES = 1_000
"""Cases that the report itself lists; of more the disagreements come first, and the rest is linked."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Model(_Value):
    """What was tried."""

    capsule: str
    title: str
    """The question it answers."""
    does: str
    """The author's words, as are `needs` and `limits`."""
    needs: str
    limits: str
    release: str
    """The release's id, a hash of all that makes it up."""
    image: str | None
    """The container image's id; None where it ran as a local process."""
    code_version: str | None
    contract_hash: str
    settings_hash: str
    model_hash: str | None
    """SHA-256 over the author's code and the trained files; None where the run did not say."""
    python: str | None
    platform: str | None
    packages: Mapping[str, str]
    """What was installed in it."""


class Asked(_Value):
    """A column that the model is given, or the answer's."""

    name: str
    kind: str
    unit: str | None
    meaning: str
    required: bool


class Data(_Value):
    """What it was tried on."""

    case_set: str
    cases: int
    brought_by: str
    brought_at: datetime | None
    inputs_hash: str | None
    answers_hash: str | None
    answers_revision: int | None
    answers_by: str | None
    answers_at: datetime | None
    """When the answers were locked."""
    answer: str
    """What the answer is and how it was established, in the author's words."""
    columns: tuple[Asked, ...]


class Run(_Value):
    """How it was tried."""

    trial: str
    """The trial's id, which is the Prefect flow run's."""
    by: str
    door: str
    at: datetime
    ended_at: datetime | None
    settings: Mapping[str, Any]
    """As they were used."""
    predictions_hash: str | None
    url: str


class Case(_Value):
    """One case."""

    case_id: str
    row: int
    case: str
    """How the expert calls it."""
    answer: str | float | None
    """None without an answer, and always where the report is without answers."""
    prediction: str | float | None
    score: float | None
    right: bool | None
    """None where it was not judged, and always where the report is without answers."""
    cost: float | None
    words: tuple[str, ...]
    """What was said of the prediction, with who said it."""


class Signed(_Value):
    """A verdict."""

    word: str
    statement: str
    limits: str | None
    by: str
    at: datetime
    revision: int


class Behaviour(_Value):
    """A check of how the model behaves that needed no answer, made on the release and settings of this trial."""

    asked: str
    """What was changed of the cases, and what was expected."""
    trial: str
    """The trial that ran the changed cases."""
    by: str
    at: datetime
    sentence: str
    """What came of it."""
    behaved: Behaved | None
    """None where the run gave no predictions."""


class Item(_Value):
    """An item of a reporting guideline, and where this report answers it."""

    guideline: Guideline
    item: str
    about: str
    """In our own words."""
    section: str
    """The section's name in this report."""


class Report(_Value):
    """All that is reported of one judged trial."""

    version: Literal[1] = 1
    """Of this form."""
    made_at: datetime
    made_by: str
    with_answers: bool
    model: Model
    run: Run
    data: Data
    judgement: Judgement
    caveats: tuple[str, ...]
    cases: tuple[Case, ...]
    """Disagreements first; at most 1,000."""
    cases_elsewhere: int
    """How many more are in the table that `table_url` leads to."""
    table_url: str
    experts: Experts | None
    """None where fewer than two persons said a word."""
    behaviour: tuple[Behaviour, ...]
    """Newest first."""
    verdicts: tuple[Signed, ...]
    """Newest first."""
    items: tuple[Item, ...]
