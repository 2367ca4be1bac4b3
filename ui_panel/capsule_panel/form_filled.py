"""A form with values in it: what may come with a share, and where it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from capsule_panel.form import FormField

NOT_SHARED = ("secret", "group", "variant", "fixed")
"""The kinds of settings that are not filled in by a share."""


def filled_with(fields: Sequence[FormField], settings: Mapping[str, Any]) -> list[FormField]:
    """Return the form's fields with these values in them."""
    return [
        replace(one, default=settings[one.name])
        if one.name in settings and one.kind not in NOT_SHARED
        else one
        for one in fields
    ]
