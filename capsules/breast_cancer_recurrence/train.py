"""`python -m breast_cancer_recurrence.train` writes the example and the profile of the training.

The model itself is fitted in the image, by `fit`: lifelines demands an older pandas than is installed here.
"""

from argparse import ArgumentParser
from pathlib import Path

from breast_cancer_recurrence.cases import held_out, read_cases
from breast_cancer_recurrence.declaration import capsule
from capsule_kit import data_package, write_profile

DATA = Path(__file__).parent / "data.txt"
FOLDER = Path(__file__).parent / "model"


def train(folder: Path, package: Path) -> None:
    """Write the profile of the women that the model is fitted on, and the others as the example."""
    cases = read_cases(package)
    held = held_out(cases)
    folder.mkdir(parents=True, exist_ok=True)
    write_profile(cases[~held], capsule.manifest.contract, folder / "profile.json")
    said = {True: "yes", False: "no"}
    words = {name: cases[name].map(said) for name in ("hormone_therapy", "recurrence")}
    cases[held].assign(**words).to_csv(folder / "example.csv", index=False)


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=FOLDER, help="where to write")
    with data_package(DATA) as unpacked:
        train(parser.parse_args().to, unpacked)
