"""What stands under each heading of the report. Pure."""

from collections.abc import Callable, Mapping
from html import escape

from capsule_flows import report_items as items
from capsule_flows.claim_words import asked
from capsule_flows.intervals import Interval
from capsule_flows.judgement import CriterionResult, Judgement, Rate
from capsule_flows.report import Behaviour, Case, Report
from capsule_flows.report_markup import bullets, p, pairs, table, when
from capsule_flows.wording import count, number, plausibly

RATES = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
}
METHODS = (
    (
        "Every interval is of 95 %. A rate is described by Wilson's interval, widened to Blaker's exact one"
        " where Wilson's would not hold; a claim rests on the one-sided bound of Clopper and Pearson."
    ),
    (
        "The area under the ROC curve has the wider of DeLong's and Newcombe's intervals; concordance the"
        " infinitesimal jackknife's, from 50 cases on; limits of agreement Carkeet's exact ones; a mean"
        " distance and the Brier score Student's t, the upper end on the scale of logarithms; calibration"
        " Wald's for the slope, White's for the intercept; the cost of a case Clopper and Pearson's bound"
        " of each severity, the risk shared among them."
    ),
    (
        "A criterion is met when its bound can be claimed, not met when even the other bound falls short,"
        " and otherwise the cases are too few to tell. Found groups are corrected for the search by Holm."
    ),
)


def _summary(report: Report) -> str:
    results = [
        (
            one.outcome.capitalize(),
            one.sentence.removeprefix(f"{one.outcome.capitalize()}: "),
            _set(one),
        )
        for one in report.judgement.criteria
    ]
    headers = ("Criterion", "What these cases say", "Set")
    criteria = table(headers, results) if results else ""
    signed = [
        f"{one.by}, {when(one.at)}: {one.word}{f' ({one.limits})' if one.limits else ''}. {one.statement}"
        for one in report.verdicts
    ]
    verdicts = f"<h3>Signed</h3>{bullets(signed)}" if signed else p("No verdict has been signed.")
    return p(report.judgement.headline, "headline") + criteria + verdicts


def _set(one: CriterionResult) -> str:
    """Return when a criterion was set, and what was declared where it was changed."""
    declared = f"; declared: {asked(one.instead_of)}" if one.instead_of else ""
    return f"{one.origin}{declared}"


def _the_model(report: Report) -> str:
    model = report.model
    settings = [(name.replace("_", " "), str(of)) for name, of in report.run.settings.items()]
    columns = [
        (one.name, one.kind, one.unit or "", one.meaning, "no" if one.required else "yes")
        for one in report.data.columns
    ]
    return (
        pairs({"Does": model.does, "Needs": model.needs, "Limits": model.limits})
        + (f"<h3>Settings</h3>{table(('Setting', 'Value'), settings)}" if settings else "")
        + "<h3>What it is given, and the answer</h3>"
        + table(("Column", "Kind", "Unit", "Meaning", "May be blank"), columns)
    )


def _the_cases(report: Report) -> str:
    data, found = report.data, report.judgement
    facts = {
        "Case set": f"{data.case_set}, {count(data.cases, 'case')}",
        "Brought by": f"{data.brought_by}, {when(data.brought_at)}",
        "Answer": data.answer,
        "Locked": f"revision {data.answers_revision} by {data.answers_by}, {when(data.answers_at)};"
        f" the trial began {when(report.run.at)}",
    }
    return pairs(facts) + bullets([one.sentence for one in found.set_apart])


def _method(report: Report) -> str:
    said = [*METHODS]
    for origin in ("changed", "added"):
        n = sum(one.origin == origin for one in report.judgement.criteria)
        if n:
            were = "criterion was" if n == 1 else "criteria were"
            said.append(f"{n} {were} {origin} after the result had been seen.")
    return bullets(said)


def _result(report: Report) -> str:
    found = report.judgement
    rows = [("Right", *_rate(found.rate))] if found.rate else []
    rows += [(RATES[one.name], *_rate(one.rate, one.sentence)) for one in found.rates]
    rows += [
        (f"{one.name} {said}", *_rate(rate))
        for one in found.by_class
        for said, rate in (("found", one.found), ("trusted", one.trusted))
        if rate
    ]
    groups = found.groups
    by_group = [
        (
            f"{one.column}: {one.value}{' (found by search)' * one.found}",
            f"{one.right} of {one.n}",
            one.sentence,
        )
        for one in ((*groups.declared, *groups.found) if groups else ())
    ]
    return (
        p(_flow(found))
        + (table(("", "Cases", "What that says"), rows) if rows else "")
        + bullets(_sentences(found))
        + (
            f"<h3>By group</h3>{table(('Group', 'Right', 'What that says'), by_group)}"
            if by_group
            else ""
        )
        + (p(groups.sentence) if groups else "")
    )


def _flow(found: Judgement) -> str:
    """Say how many cases came in and were judged, and where answers are classes, how many of each."""
    said = f"{count(found.cases, 'case')} came in, {found.judged} were judged"
    if found.confusion is None or not found.judged:
        return f"{said}."
    answers = zip(found.confusion.labels, map(sum, found.confusion.counts), strict=True)
    each = ", ".join(f"{n} {label}" for label, n in answers if n or not label.startswith("("))
    return f"{said}; by their answers {each}."


def _errors(report: Report) -> str:
    found = report.judgement
    said = [part.sentence for part in (found.cost, found.benefit) if part]
    severities = [
        (number(one.cost), one.meaning, str(one.count), f"{100 * one.at_most:.1f} %")
        for one in (found.cost.severities if found.cost else ())
    ]
    dear = table(("Cost", "What happens", "Cases", "In truth at most"), severities)
    return (bullets(said) if said else p("No cost of an error was declared or said.")) + (
        dear if severities else ""
    )


def _behaviour(report: Report) -> str:
    if not report.behaviour:
        return p("No check of its behaviour was made on these cases.")
    return "".join(
        f"<h3>{escape(one.asked)}</h3>{p(one.sentence)}{_broken(one)}"
        + p(f"{one.by}, {when(one.at)}; trial {one.trial}", "quiet")
        for one in report.behaviour
    )


def _broken(one: Behaviour) -> str:
    if one.behaved is None:
        return ""
    rows = [
        (
            of.case,
            *(number(said) if isinstance(said, float) else said for said in (of.before, of.after)),
        )
        for of in one.behaved.listed
    ]
    listed = table(("Case", "It said", "Changed, it said"), rows) if rows else ""
    return bullets(one.behaved.notes) + listed


def _experts(report: Report) -> str:
    said = [report.judgement.assessed.sentence] if report.judgement.assessed else []
    if report.experts is None:
        return bullets([*said, "Fewer than two persons said a word on the predictions."])
    names = {one.case_id: one.case for one in report.cases}
    disputed = [
        (
            names.get(one.case_id, one.case_id),
            "; ".join(f"{who}: {word}" for who, word in one.words.items()),
        )
        for one in report.experts.disputed
    ]
    listed = f"<h3>Disputed</h3>{table(('Case', 'What they said'), disputed)}" if disputed else ""
    return bullets([*said, *(one.sentence for one in report.experts.pairs)]) + listed


def _limits(report: Report) -> str:
    return bullets(
        [*report.caveats, *report.judgement.notes, f"As its author says: {report.model.limits}"]
    )


def _case_by_case(report: Report) -> str:
    headers = ["Case", "Answer", "Prediction", "Score", "Agrees", "What was said of it"]
    rows = [_case(one) for one in report.cases]
    if not report.with_answers:
        headers, rows = headers[:1] + headers[2:4], [row[:1] + row[2:4] for row in rows]
    more = ""
    if report.cases_elsewhere:
        link = f'<a href="{escape(report.table_url)}">the whole table</a>'
        more = f"<p>{count(report.cases_elsewhere, 'more case')}: {link}.</p>"
    return table(headers, rows) + more


def _case(one: Case) -> list[str]:
    agrees = {True: "yes", False: "no", None: ""}[one.right]
    said = (one.answer, one.prediction, one.score)
    shown = [number(of) if isinstance(of, float) else str(of or "") for of in said]
    return [one.case, *shown, agrees, "; ".join(one.words)]


def _record(report: Report) -> str:
    model, run, data = report.model, report.run, report.data
    facts = {
        "Trial": run.trial,
        "Asked for": f"{run.door}, {when(run.at)}; ended {when(run.ended_at)}",
        "Release": model.release,
        "Image": model.image or "none: it ran as a local process",
        "Code": model.code_version or "not recorded",
        "Model's files": model.model_hash or "not recorded",
        "Contract": model.contract_hash,
        "Settings' schema": model.settings_hash,
        "Inputs": data.inputs_hash or "not recorded",
        "Answers": data.answers_hash or "not recorded",
        "Predictions": run.predictions_hash or "not recorded",
        "Ran on": f"Python {model.python}, {model.platform}" if model.python else "not recorded",
    }
    packages = ", ".join(f"{name} {version}" for name, version in sorted(model.packages.items()))
    answered = [(f"{one.guideline} {one.item}", one.about, one.section) for one in report.items]
    return (
        pairs(facts, "hashes")
        + (f"<h3>Packages</h3>{p(packages, 'quiet')}" if packages else "")
        + "<h3>Items of the guidelines that this answers</h3>"
        + table(("Item", "What it asks", "Where"), answered)
    )


def _sentences(found: Judgement) -> list[str]:
    parts: list[str] = [
        one.sentence for one in (found.discrimination, found.order, found.errors) if one
    ]
    if found.calibration:
        of = found.calibration
        parts += [of.sentence, of.brier.sentence, of.slope.sentence, of.intercept.sentence]
    # Two measures may lack a value for the same reason.
    return list(dict.fromkeys(parts))


def _rate(rate: Rate | None, otherwise: str = "") -> tuple[str, str]:
    if rate is None:
        return "none", otherwise
    return f"{rate.k} of {rate.n}", plausibly(rate.k, rate.n, Interval(rate.low, rate.high))


WRITTEN: Mapping[str, Callable[[Report], str]] = {
    items.SUMMARY: _summary,
    items.MODEL: _the_model,
    items.DATA: _the_cases,
    items.METHOD: _method,
    items.RESULT: _result,
    items.ERRORS: _errors,
    items.BEHAVIOUR: _behaviour,
    items.EXPERTS: _experts,
    items.LIMITS: _limits,
    items.TABLE: _case_by_case,
    items.RECORD: _record,
}
