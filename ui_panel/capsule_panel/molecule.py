"""A molecule from its SMILES as a drawing of its structure, by RDKit."""

import re
from functools import lru_cache
from html import escape

from rdkit import Chem, rdBase
from rdkit.Chem.Draw import rdMolDraw2D

WIDTH, HEIGHT = 260, 180
FRAME = f"display:block;width:{WIDTH}px;max-width:100%;background:#fff;border-radius:4px"
"""White, because atoms have colours of their own that a dark page would swallow."""
LONGEST = 1_000
"""Characters of the longest SMILES that is drawn; larger ones take seconds and show nothing."""
MOST_ATOMS = 150


def structure(smiles: str) -> str:
    """Return the structure as SVG with the SMILES under it; what is no molecule stays text."""
    svg = _drawing(smiles.strip())
    if svg is None:
        return f"<code>{escape(smiles[:LONGEST])}</code> (cannot be drawn as a molecule)"
    label = escape(f"The structure of {smiles}")
    return (
        f'<span role="img" aria-label="{label}" style="{FRAME}">{svg}</span>'
        f"<code>{escape(smiles)}</code>"
    )


@lru_cache(maxsize=2_000)
def _drawing(smiles: str) -> str | None:
    if not smiles or len(smiles) > LONGEST:
        return None
    asked = Chem.SmilesParserParams()
    # What may follow a SMILES are labels of a person's own, which would be drawn.
    asked.allowCXSMILES = asked.parseName = False
    # Its own complaints go to stderr, where nobody who sees the page reads them.
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles, asked)
    if molecule is None or not 0 < molecule.GetNumAtoms() <= MOST_ATOMS:
        return None
    drawing = rdMolDraw2D.MolDraw2DSVG(WIDTH, HEIGHT)
    drawing.drawOptions().clearBackground = False
    drawing.drawOptions().padding = 0.06
    drawing.drawOptions().fixedBondLength = 26
    rdMolDraw2D.PrepareAndDrawMolecule(drawing, molecule)
    drawing.FinishDrawing()
    # Only the drawing itself: no XML declaration, no comments, no classes or metadata.
    whole: str = drawing.GetDrawingText()
    return re.sub(r"<\?xml.*?\?>|<!--.*?-->|<metadata>.*?</metadata>", "", whole, flags=re.DOTALL)
