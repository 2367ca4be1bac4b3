"""A capsule whose cases name images and spectra, tiny files of each type, and archives of them."""

import io
import zipfile
from collections.abc import Mapping

from capsule_kit.answers import ClassAnswer
from capsule_kit.columns import Column
from capsule_kit.contract import Contract
from capsule_kit.manifest import Manifest, Page

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
JCAMP = b"##TITLE= water\n##XYDATA= (X++(Y..Y))\n"
IMAGE = Column(name="image", kind="text", file="image", meaning="The smear.", example="scan.png")
SPECTRUM = Column(
    name="spectrum",
    kind="text",
    file="spectrum",
    required=False,
    meaning="Its spectrum.",
    example="nmr/water.jdx",
)
CONTRACT = Contract(
    columns=(IMAGE, SPECTRUM),
    answer=ClassAnswer(column="ill", classes=("no", "yes"), meaning="Whether it is."),
)
MANIFEST = Manifest(
    name="smears",
    title="Is it ill?",
    contract=CONTRACT,
    criteria=(),
    costs=(),
    page=Page(does="d", needs="n", limits="l"),
)
TABLE = "image,spectrum,ill\na.png,water.jdx,no\nb.jpg,,yes\n"
FILES = {"images/a.png": PNG, "images/b.jpg": JPEG, "nmr/water.jdx": JCAMP}


def archive(files: Mapping[str, bytes], table: str = TABLE) -> bytes:
    """Return a ZIP archive of a table and these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in {"cases.csv": table.encode(), **files}.items():
            packed.writestr(name, content)
    return made.getvalue()
