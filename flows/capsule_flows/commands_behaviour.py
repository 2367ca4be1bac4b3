"""The command's word about behaviour: every check of a capsule, made again on what is published now."""

from capsule_flows.command_words import By, Json, Name, me, say, table
from capsule_flows.home import resources


def behave(name: Name, by: By = "", as_json: Json = False) -> int:
    """Make every behaviour check of a capsule again; exit 1 where one is broken or was not seen whole."""
    from capsule_flows.behaviour import checks_of, run_again
    from capsule_flows.behaviour_judging import Behaved
    from capsule_flows.behaviour_keeping import CannotCheck
    from capsule_flows.releases import find_published

    where, one = resources(), find_published(name)
    rows = []
    for behaviour in checks_of(where, name):
        row = {"behaviour": str(behaviour.id), "trial": "", "became": "not made"}
        try:
            outcome = run_again(where, one, behaviour, by=by or me())
        except CannotCheck as why:
            row["sentence"] = str(why)
        else:
            row |= {"trial": str(outcome.flow_run_id), "sentence": outcome.sentence}
            found = outcome.found and Behaved.model_validate(outcome.found)
            row["became"] = found.word if found else outcome.kind
        say(row["sentence"])
        rows.append(row)
    table(as_json, rows, ("became", "sentence", "trial"))
    return int(any(row["became"] != "held" for row in rows))
