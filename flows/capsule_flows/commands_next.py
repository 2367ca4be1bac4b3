"""The command's words about a newer version of a capsule's model: take it."""

from capsule_flows.command_words import Name, say
from capsule_flows.home import resources


def next_(name: Name) -> int:
    """Write the newer version that was built and replayed into your folder; you commit, deploy and release it."""
    from capsule_flows.next_command import take_next
    from capsule_flows.next_taking import CannotTake
    from capsule_flows.releases import find_published
    from capsule_kit.errors import CapsuleError

    where = resources()
    try:
        taken = take_next(where, find_published(name))
    except CapsuleError as cause:
        raise CannotTake(str(cause)) from cause
    print("\n".join(map(str, taken.files)))
    say(f"{taken.folder} was of {taken.before} and is of {taken.address} now: {taken.known}")
    for sentence in taken.said:
        say(f"- {sentence}")
    deploy = f"capsules deploy --prefect-file {taken.folder / 'prefect.yaml'}"
    say(f"Then: git add {taken.folder} && git commit -m '{name}: {taken.address}' && {deploy}")
    return 0
