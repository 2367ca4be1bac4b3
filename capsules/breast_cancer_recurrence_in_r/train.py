"""`python -m breast_cancer_recurrence_in_r.train` writes the example and the profile; `--women FILE` what R fits on.

The same women as in `breast_cancer_recurrence`: the two models are to be told apart by nothing but their language.
"""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path

from breast_cancer_recurrence.cases import held_out, read_cases
from breast_cancer_recurrence.train import DATA, train
from capsule_kit import data_package

FOLDER = Path(__file__).parent / "model"

if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="where lifelines is unpacked, if it is")
    parser.add_argument(
        "--women", type=Path, help="write the women of the training, and nothing else"
    )
    said = parser.parse_args()
    with nullcontext(said.data) if said.data else data_package(DATA) as package:
        if said.women:
            cases = read_cases(package)
            # As the protocol writes yes and no, so that R reads both alike.
            words = cases.select_dtypes("bool").replace({True: "true", False: "false"})
            cases[~held_out(cases)].assign(**words).to_csv(said.women, index=False)
        else:
            train(FOLDER, package)
