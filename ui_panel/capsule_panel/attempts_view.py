"""Tables that were not taken: the author sees each attempt, and whoever brought one goes on with it."""

from html import escape
from urllib.parse import urlencode

from capsule_blocks import Ledger
from capsule_flows.attempts import Attempt, attempts
from capsule_flows.permission import Visitor, may
from capsule_flows.wording import count
from capsule_kit.contract import Contract
from capsule_kit.manifest import Manifest
from capsule_panel import markup
from capsule_panel.findings_view import findings_html
from capsule_panel.words import when

AUTHORS, HERS = "Tables that were not taken", "Your tables that were not taken yet"
ABOUT_AUTHORS = "Refused, or begun and left. Whoever brings a table is told on this page that its author sees it."
ABOUT_HERS = "They are kept as they came, with what you decided. You can go on with each."
TOLD_BEFORE = (
    "What you send is kept, even if it is refused or you do not go on, and the author of the model"
    " can see it, with what was found in it."
)


def attempts_html(ledger: Ledger, manifest: Manifest, visitor: Visitor) -> str:
    """Return the attempts as HTML, each with its findings folded; nothing where there are none.

    The author sees all of them, an expert her own.
    """
    found = [
        one for one in attempts(ledger, manifest) if may(ledger, visitor, "mend cases", one.upload)
    ]
    if not found:
        return ""
    author = visitor.role == "author"
    items = "".join(_attempt(one, manifest.contract) for one in found)
    return (
        f"<h2>{AUTHORS if author else HERS}</h2>"
        f"{markup.paragraph(ABOUT_AUTHORS if author else ABOUT_HERS, 'quiet')}{items}"
    )


def _attempt(one: Attempt, contract: Contract) -> str:
    upload = one.upload
    changes = f", {count(one.changes, 'change')} tried" if one.changes else ""
    title = f"{upload.filename}, {upload.by}, {when(one.last)}{changes}: {one.standing}"
    go_on = f"/capsule?{urlencode({'name': upload.capsule, 'upload': str(upload.id)})}"
    inside = findings_html(one.findings, contract)
    link = f"<p>{markup.link(escape(go_on), 'Go on with it')}</p>" if one.findings else ""
    return markup.folded(title, inside + link)
