"""Whether a newer version of a model takes and gives what the one before it does. Pure."""

from collections.abc import Mapping, Sequence

from capsule_blocks.model_card import Named, Parameter, Signature


def misfits(before: Signature | None, now: Signature | None) -> list[str]:
    """Return in what a version's signature differs from that of the one before it, some words each.

    The order of columns that have names is no difference, nor are a parameter's default, and a column
    that may be missing now.
    """
    if before is None and now is None:
        return []
    if before is None or now is None:
        which = "it has none and the one before has" if now is None else "the one before has none"
        return [f"nothing tells whether its signature is the same, since {which}"]
    return [
        *_columns(before.inputs, now.inputs, "column"),
        *_columns(before.outputs, now.outputs, "output"),
        *_parameters(before.params, now.params),
    ]


def sentence(model: str, version: str, differs: Sequence[str]) -> str:
    """Say what differs, and what to do."""
    return (
        f"Version {version} does not fit what the capsule gives it and takes from it:"
        f" {'; '.join(differs)}. Make a capsule of it by itself with `capsules new NAME --from"
        f" models:/{model}/{version}`, or register a version with the columns of before."
    )


def _columns(before: Sequence[Named], now: Sequence[Named], what: str) -> list[str]:
    was, is_ = (
        {_name(one, place): one for place, one in enumerate(some, 1)} for some in (before, now)
    )
    types = (
        {f"the {what} {name}": _type(one) for name, one in some.items()} for some in (was, is_)
    )
    needed = [name for name, one in is_.items() if one.required and name in was]
    return [
        *_differences(*types),
        *[f"the {what} {name} is always needed now" for name in needed if not was[name].required],
    ]


def _name(one: Named, place: int) -> str:
    return one.name or str(place)


def _type(one: Named) -> str:
    return one.type if one.shape is None else f"{one.type} {list(one.shape)}"


def _parameters(before: Sequence[Parameter], now: Sequence[Parameter]) -> list[str]:
    types = (
        {f"the parameter {one.name}": f"{one.type}{' list' * one.many}" for one in some}
        for some in (before, now)
    )
    return _differences(*types)


def _differences(was: Mapping[str, str], is_: Mapping[str, str]) -> list[str]:
    """Return what is gone, has another type, or is new."""
    both = [name for name in was if name in is_ and is_[name] != was[name]]
    return [
        *[f"{name} is gone" for name in was if name not in is_],
        *[f"{name} is {is_[name]} and was {was[name]}" for name in both],
        *[f"{name} ({is_[name]}) is new" for name in is_ if name not in was],
    ]
