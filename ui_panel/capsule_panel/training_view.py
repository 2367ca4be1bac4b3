"""What the model was trained on, and how the chosen cases stand beside it, before anything is run."""

from capsule_blocks.tables import CaseSet
from capsule_flows.home import Resources
from capsule_flows.training_findings import beside_training
from capsule_flows.training_likeness import training_range
from capsule_flows.wording import percent
from capsule_kit.manifest import Manifest
from capsule_kit.training_profile import TrainingProfile
from capsule_panel import markup
from capsule_panel.findings_view import findings_html

HEADERS = ("Column", "Training had")


def trained_on_html(profile: TrainingProfile | None) -> str:
    """Return the training's ranges and words, folded; nothing where the capsule publishes none."""
    if profile is None:
        return ""
    rows = [(one.name, training_range(one)) for one in profile.columns]
    said = (
        f"Rows outside of this, or whose numbers did not occur together, are marked. Of rows like"
        f" those of the training, up to {percent(profile.false_alarms)} are marked as well."
    )
    inside = markup.table(HEADERS, rows) + markup.paragraph(said, "quiet")
    return markup.folded(f"What the model was trained on ({profile.rows:,} rows)", inside)


def chosen_beside_training(resources: Resources, manifest: Manifest, chosen: CaseSet | None) -> str:
    """Return what is said of chosen cases beside the training; nothing where nothing stands out.

    Raises:
        CasesMissing: the store does not hold them.
    """
    if chosen is None or manifest.profile is None:
        return ""
    # Cases of another contract are refused by the run itself, with its own sentence.
    if chosen.contract_hash != manifest.contract.hash:
        return ""
    inputs = resources.store.inputs(chosen.inputs_hash)
    found = beside_training(inputs, manifest.contract, manifest.profile)
    if not found:
        return ""
    title = "Some of these cases are unlike what the model was trained on, or were used to train it"
    return markup.folded(title, findings_html(found, manifest.contract))
