"""What an expert is told, before she runs, of rows unlike the training and of rows used in it: it refuses nothing."""

import pandas as pd

from capsule_flows.findings import Finding, Lines, about_rows
from capsule_flows.training_likeness import MOST_SAID, TOGETHER, Flags, Unlike, unlike
from capsule_flows.wording import count
from capsule_kit.contract import Contract
from capsule_kit.receipt import ROW
from capsule_kit.training_profile import TrainingProfile
from capsule_kit.training_rows import TrainingRows

EXAMPLES = 3


def beside_training(
    inputs: pd.DataFrame, contract: Contract, profile: TrainingProfile
) -> list[Finding]:
    """Return a finding for each column in which rows are unlike the training, and one for known rows."""
    lines = inputs[ROW].to_numpy()
    found = [_unlike(one, lines, profile) for one in unlike(inputs, contract, profile)]
    seen = profile.trained.among(inputs, contract.columns).to_numpy(bool)
    return [*found, _trained_on(seen, lines, profile.trained)] if seen.any() else found


def known_part(trained: TrainingRows) -> str:
    """Say how many of the training's rows can be known again, where it is not all of them."""
    if trained.known == trained.rows:
        return ""
    return f" Only {trained.known:,} of the {trained.rows:,} training rows can be known again."


def _unlike(one: Unlike, lines: Lines, profile: TrainingProfile) -> Finding:
    values = list(dict.fromkeys(one.found[:MOST_SAID]))
    rows = int(one.rows.sum())
    more = len(values) - EXAMPLES
    others = f" and {count(more, 'other value')}" if more > 0 else ""
    others = " and others" if rows > MOST_SAID else others
    said = ", ".join(values[:EXAMPLES]) + others
    bare = ", ".join(value.removeprefix(f"{one.column} ") for value in values[:EXAMPLES]) + others
    those = "This row is" if rows == 1 else f"These {rows:,} rows are"
    sentence = (
        f"{those} unlike what the model was trained on: {said}; training had {one.training}."
        f" See whether {'it is' if rows == 1 else 'they are'} right. Run as they are, such rows are"
        " counted apart."
    )
    technical = (
        f"training profile of {profile.rows} rows; {profile.false_alarms:.1%} of rows like them"
        " are marked too"
    )
    column = None if one.column == TOGETHER else one.column
    return about_rows(
        "unlike training",
        sentence,
        lines=lines[one.rows],
        technical=technical,
        column=column,
        found=bare,
    )


def _trained_on(seen: Flags, lines: Lines, trained: TrainingRows) -> Finding:
    rows = int(seen.sum())
    those = "This row was" if rows == 1 else f"These {rows:,} rows were"
    sentence = (
        f"{those} used to train the model. That it is right there says little; such rows are"
        f" counted apart.{known_part(trained)}"
    )
    technical = f"hash of the row among {trained.known}; by chance {trained.false_matches:.0e}"
    return about_rows("trained on", sentence, lines=lines[seen], technical=technical)
