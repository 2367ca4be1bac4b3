"""A judgement as a page shows it: pure, from the value to escaped HTML."""

from collections.abc import Mapping, Sequence

from capsule_flows.claim_words import asked
from capsule_flows.intervals import Interval
from capsule_flows.judgement import CriterionResult, Judgement, Origin, Rate
from capsule_flows.wording import plausibly
from capsule_panel import markup
from capsule_panel.words import outcome_style

TIERS = {
    "critical": "must hold",
    "supporting": "should hold",
    "advisory": "good to know",
}

ASKED: Mapping[Origin, str] = {
    "prespecified": "What was asked of it beforehand",
    "changed": "What was changed after the result was seen",
    "added": "What was added after the result was seen",
}

NAMES = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "Right when it calls",
    "npv": "Right when it does not",
}


def headline(judgement: Judgement) -> str:
    """Return the judgement's own words, large."""
    return f'<p class="headline">{markup.text(judgement.headline)}</p>'


def rates(judgement: Judgement) -> str:
    """Return the counts and the rates, each with its interval or the reason why there is none."""
    rows = []
    if rate := judgement.rate:
        said = plausibly(rate.k, rate.n, Interval(rate.low, rate.high))
        rows.append(("Right", f"{rate.k} of {rate.n}", said))
    for named in judgement.rates:
        counts = f"{named.rate.k} of {named.rate.n}" if named.rate else "none"
        rows.append((NAMES[named.name], counts, named.sentence))
    table = markup.table(("", "Cases", "What that says"), rows) if rows else ""
    parts = (
        judgement.discrimination,
        judgement.order,
        judgement.errors,
        judgement.assessed,
        *judgement.set_apart,
    )
    sentences = dict.fromkeys([*(part.sentence for part in parts if part), *judgement.notes])
    return table + _by_class(judgement) + markup.bullets(sentences)


def _by_class(judgement: Judgement) -> str:
    """Return what was recognised of each class, and how far its name can be trusted."""
    if not judgement.by_class:
        return ""
    rows = [(one.name, _of(one.found), _of(one.trusted)) for one in judgement.by_class]
    return markup.table(("Class", "Recognised", "Right where it said so"), rows)


def _of(rate: Rate | None) -> str:
    if rate is None:
        return "no case"
    said = plausibly(rate.k, rate.n, Interval(rate.low, rate.high))
    return f"{rate.k} of {rate.n} ({said})"


def limits(judgement: Judgement) -> str:
    """Return what limits the judgement by how its cases and answers came about; empty where nothing is known."""
    if not judgement.caveats:
        return ""
    return f"<h2>What limits this</h2>{markup.bullets(judgement.caveats)}"


def criteria(judgement: Judgement) -> str:
    """Return each success criterion with its outcome as a word; nothing where none was declared."""
    return "".join(
        _asked(title, [one for one in judgement.criteria if one.origin == origin])
        for origin, title in ASKED.items()
    )


def _asked(title: str, results: Sequence[CriterionResult]) -> str:
    if not results:
        return ""
    rows = "".join(_criterion(result) for result in results)
    return f"<h2 style='margin-top:12px'>{title}</h2><table><tbody>{rows}</tbody></table>"


def _criterion(result: CriterionResult) -> str:
    style = outcome_style(result.outcome)
    # The word stands in its own column already.
    why = result.sentence.removeprefix(f"{result.outcome.capitalize()}: ")
    if result.instead_of is not None:
        why = f"{why} As declared: {asked(result.instead_of)}."
    return (
        f'<tr><td><span class="word {style}">{markup.text(result.outcome.capitalize())}</span></td>'
        f"<td>{markup.text(why)}</td>"
        f'<td class="quiet tier">{markup.text(TIERS[result.criterion.tier])}</td></tr>'
    )
