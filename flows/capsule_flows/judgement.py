"""The judgement's values: what comparing predictions with answers shows. `judging.judge` makes them.

Whatever the tables hold, each part is a number with its interval, or a sentence that says why there
is none. Parts that an answer of this kind does not have are None or empty.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from capsule_flows.benefit import CurvePoint
from capsule_flows.estimates import Estimate
from capsule_flows.training_apart import ApartFromTraining
from capsule_kit.criteria import Criterion

Outcome = Literal["met", "not met", "too few to tell"]
Origin = Literal["prespecified", "changed", "added"]
"""Set before the trial began; or, when its result had been seen, changed or added."""
Why = Literal[
    "no answer",
    "left out",
    "cannot judge",
    "crash",
    "timeout",
    "unreadable input",
    "refused",
    "no prediction",
]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(_Value):
    """k of n, with the 95 % interval that describes it (`intervals.described`)."""

    k: int
    n: int
    """The denominator, at least 1."""
    share: float
    """k / n."""
    low: float
    high: float


class NamedRate(_Value):
    """A rate that has a name of its own."""

    name: Literal["sensitivity", "specificity", "ppv", "npv"]
    rate: Rate | None
    """None where no case could show it."""
    sentence: str
    """The rate in words, or why there is none."""


class Measure(_Value):
    """A number about all cases, with its interval."""

    name: Literal["auroc", "concordance", "brier", "slope", "intercept"]
    estimate: Estimate | None
    """None where these cases do not allow one."""
    sentence: str
    """The number in words, or why there is none."""


class Confusion(_Value):
    """How often each class was predicted for each answer."""

    labels: tuple[str, ...]
    """The declared classes, then "(undeclared)" and "(no prediction)" where they occur."""
    counts: tuple[tuple[int, ...], ...]
    """Cases, shape (n_labels, n_labels): a row for each answer, a column for each prediction."""


class ClassRates(_Value):
    """One class of several: how often it was recognised, and how far its name can be trusted."""

    name: str
    found: Rate | None
    """Of the cases that are this class, those called so; None where there is no such case."""
    trusted: Rate | None
    """Of the cases called so, those that are; None where none was called so."""


class Bin(_Value):
    """The cases whose score lies in one tenth."""

    low: float
    """The tenth's ends; the upper one belongs to the next tenth, but for 1."""
    high: float
    n: int
    events: int
    """Of the positive class."""
    mean_score: float
    rate: Rate | None
    """events of n; None under ten cases."""


class Calibration(_Value):
    """Whether a score of 30 % comes true three times in ten."""

    bins: tuple[Bin, ...]
    """Ascending; tenths without a case are left out."""
    expected: float
    """The sum of the scores: how many positives they announce."""
    events: int
    """How many there are."""
    n: int
    brier: Measure
    """Mean squared distance of the score from 0 or 1."""
    slope: Measure
    """1 where scores are neither too bold (under 1) nor too timid (over 1)."""
    intercept: Measure
    """0 where scores are neither too high (under 0) nor too low, the slope being 1."""
    sentence: str


class NumberErrors(_Value):
    """How far predicted numbers lie from the answers, in the answer's unit; prediction - answer."""

    n: int
    """Cases with an answer and a usable prediction."""
    mean_error: float | None
    """The bias; None without such a case, as below."""
    mean_absolute_error: float | None
    agreement_low: float | None
    """Lower limit of agreement, mean - 1.96 standard deviations; None under two cases."""
    agreement_high: float | None
    """Upper limit of agreement."""
    within_tolerance: int
    """Cases within the declared tolerance."""
    sentence: str
    bias: Estimate | None = None
    """The mean error with Student's interval; None under three cases, as the limits are."""
    absolute: Estimate | None = None
    """The mean absolute error, with an interval from 30 cases on; None without a case."""
    limits: tuple[Estimate, Estimate] | None = None
    """The limits of agreement with Carkeet's intervals."""


class Severity(_Value):
    """Errors that cost the same."""

    cost: float
    """Of one such error, in the declaration's unit."""
    meaning: str
    """What happens to whom, or her word for it; empty where only single cases have it."""
    count: int
    """How many of the costed cases were such an error."""
    at_most: float
    """The share of such errors is at most this; with the others together, 95 % confidence."""


class Cost(_Value):
    """What the errors cost, in the declaration's unit."""

    total: float
    per_case: float | None
    """None where no case has a declared cost."""
    costed: int
    """The cases the cost is taken over: right ones, and errors with a declared cost."""
    sentence: str
    low: float | None = None
    """A case costs at least this in truth, and at most `high`: 95 % confidence each."""
    high: float | None = None
    severities: tuple[Severity, ...] = ()
    """Dearest first."""


class Benefit(_Value):
    """What acting on the model is worth to someone who accepts so many false alarms for one true case."""

    false_alarms: float
    """As the expert said, else as the declared costs imply."""
    threshold: float
    """Which that implies: 1 / (1 + false_alarms)."""
    in_use: tuple[float, float] | None
    """The threshold in use lies between these scores; None where calls do not follow the score."""
    as_called: Estimate | None
    """Net benefit of its calls as they are, in true cases found for each case."""
    at_threshold: Estimate | None
    """Net benefit of calling from the implied threshold on."""
    call_all: float | None
    """Net benefit of calling every case; of calling none it is 0."""
    curve: tuple[CurvePoint, ...]
    """The decision curve: benefit by preference."""
    sentence: str


class Assessed(_Value):
    """What the expert said of the outputs."""

    right: int
    acceptable: int
    wrong: int
    cannot_judge: int
    unread: int
    """Outputs that nobody has said a word on."""
    sentence: str


class SetApart(_Value):
    """Cases that are counted by themselves."""

    why: Why
    cases: int
    counted: bool
    """Whether they are in the denominator of the share right."""
    otherwise: Rate | None
    """The share right, were they not counted, or were they; None where that says nothing more."""
    sentence: str


class Group(_Value):
    """Some of the cases, judged by themselves."""

    column: str
    value: str
    """The column's value, or its range in words: "50 to 63"."""
    found: bool
    """Whether it was searched for rather than declared."""
    right: int
    n: int
    rate: Rate | None
    """None under ten cases."""
    p: float | None
    """Of a found one, corrected by Holm for all slices searched; None of a declared one."""
    sentence: str


class Groups(_Value):
    """Groups, declared and found."""

    declared: tuple[Group, ...]
    found: tuple[Group, ...]
    """Worst first."""
    searched: int
    """How many slices were looked at."""
    sentence: str
    """What the search came to."""


class CriterionResult(_Value):
    """What these cases say of one success criterion."""

    criterion: Criterion
    k: int | None
    """Of a rate: how many of n; else None."""
    n: int
    outcome: Outcome
    sentence: str
    """The outcome in words, with what would settle it."""
    origin: Origin = "prespecified"
    """Whether it was set before the trial began."""
    instead_of: Criterion | None = None
    """The declared criterion that the expert changed into this one; it has an outcome of its own."""
    value: float | None = None
    """The metric; None where these cases do not show it."""
    low: float | None = None
    """The true value is at least this, and at most `high`: the criterion's confidence each."""
    high: float | None = None


class Judgement(_Value):
    """What the cases allow anyone to say of the predictions."""

    kind: Literal["class", "number", "time", "rank", "none"] = "class"
    """The answer's kind."""
    cases: int
    """All cases of the set."""
    judged: int
    """Cases that count: the denominator of `rate`."""
    unanswered: int
    """Cases without an answer, left out of every rate."""
    unpredicted: int
    """Judged cases without a usable prediction: they count as not right."""
    right: int
    rate: Rate | None
    """The share judged right; None where no case can be, as with times and ranks."""
    rates: tuple[NamedRate, ...]
    """Sensitivity, specificity and predictive values, where a positive class is declared."""
    confusion: Confusion | None
    """For classes."""
    by_class: tuple[ClassRates, ...] = ()
    """For more than two classes."""
    discrimination: Measure | None = None
    """AUROC, where the predictions have a score."""
    calibration: Calibration | None = None
    errors: NumberErrors | None
    """For numbers."""
    order: Measure | None = None
    """Concordance, for times and ranks."""
    assessed: Assessed | None = None
    """Where the expert has said a word, and always where no answer is known."""
    cost: Cost | None
    """None where no cost is declared or said."""
    benefit: Benefit | None = None
    """None where no preference is declared or said, or there is no score."""
    groups: Groups | None = None
    set_apart: tuple[SetApart, ...] = ()
    criteria: tuple[CriterionResult, ...]
    """The declared ones in their order, then the expert's."""
    training: ApartFromTraining | None = None
    """Cases unlike what the model was trained on, and cases used in it; None where nothing is known of it."""
    notes: tuple[str, ...]
    """What was left out or could not be used, a sentence each."""
    caveats: tuple[str, ...] = ()
    """What limits it by how cases and answers came about, a sentence each; empty where none of that is known."""
    headline: str
    """The judgement in plain words."""
