"""The command's words about releases: give one out, list those that were."""

from capsule_flows.command_words import By, Json, Name, me, out, say, table
from capsule_flows.home import resources


def release(name: Name, by: By = "", as_json: Json = False) -> int:
    """Give out the deployed release, its example run for it; exit 65 with the reasons where it is refused."""
    from capsule_flows.releases import find_published
    from capsule_flows.releasing import release_capsule

    where, one = resources(), find_published(name)
    given = release_capsule(where, one, by or me(), say)
    outcome = where.ledger.outcome(given.flow_run_id)
    row = {
        "release": given.release_id,
        "image": one.image,
        "code_version": one.code_version,
        "trial": str(given.flow_run_id),
        "by": given.by,
        "at": given.at.isoformat(),
        "sentence": outcome.sentence if outcome else "",
    }
    line = f"{name} is released as {given.release_id[:8]}, commit {str(one.code_version)[:8]}."
    out(as_json, row, [line, f"Its example: {row['sentence']}"])
    return 0


def releases(name: Name, as_json: Json = False) -> int:
    """List a capsule's releases that were given out, newest first."""
    from capsule_flows.releasing import all_released

    rows = [
        {
            "release": one.release_id,
            "by": one.by,
            "at": one.at.isoformat(),
            "trial": str(one.flow_run_id),
        }
        for one in all_released(resources().ledger, name)
    ]
    table(as_json, rows, ("release", "by", "at", "trial"))
    return 0
