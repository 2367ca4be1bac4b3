"""What a capsule's page says of the model before anything is asked: what it does, needs, and where it fails."""

from capsule_kit.manifest import Manifest
from capsule_panel import markup
from capsule_panel.training_view import trained_on_html
from capsule_panel.words import CONTRACT_HEADERS, contract_rows


def about_html(manifest: Manifest) -> str:
    """Return the author's texts, the table's columns folded, and what the model was trained on."""
    rows = contract_rows(manifest.contract)
    return (
        f"{markup.author_text(manifest.page.does)}"
        f'<div class="two"><div><h2 class=small>What it needs</h2>'
        f"{markup.author_text(manifest.page.needs)}</div>"
        f"<div><h2 class=small>Where it is known not to work</h2>"
        f"{markup.author_text(manifest.page.limits)}</div></div>"
        + markup.folded(
            f"The columns of your table ({len(rows)})",
            markup.table(CONTRACT_HEADERS, rows),
        )
        + trained_on_html(manifest.profile)
    )
