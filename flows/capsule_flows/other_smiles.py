"""Another SMILES of the same molecule, by RDKit, which comes with the app. Pure: the same text gives the same other."""

from capsule_flows.errors import FlowsError

LONGEST = 1_000
"""Characters of the longest SMILES that is written otherwise."""
TRIES, SEED = 20, 5


class NoRdkit(FlowsError):
    """RDKit is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "A molecule can only be written otherwise where RDKit is installed:"
            " `pip install prefect-capsules[app]`, or `pip install rdkit`."
        )


def other_smiles(smiles: str) -> str | None:
    """Return another way to write the molecule; "" where none was found, None where it is no molecule.

    Raises:
        NoRdkit: RDKit is not installed.
    """
    try:
        from rdkit import Chem, rdBase
    except ImportError as cause:
        raise NoRdkit from cause
    if not smiles or len(smiles) > LONGEST:
        return None
    # Its own complaints go to stderr, where nobody who asked reads them.
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
        if molecule is None or not molecule.GetNumAtoms():
            return None
        canonical = Chem.MolToSmiles(molecule)
        tried = Chem.MolToRandomSmilesVect(molecule, TRIES, randomSeed=SEED)
        for other in (*tried, canonical):
            # The same molecule by RDKit's own word, not by our trust in how it was written.
            read = Chem.MolFromSmiles(other) if other != smiles else None
            if read is not None and Chem.MolToSmiles(read) == canonical:
                return str(other)
    return ""
