"""An archive through the door: kept as it came, its named files by their hash, its cases under a hash over both."""

import io
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from capsule_blocks.tables import CaseSet
from capsule_flows.behaviour_checks import BehaviourCheck, Reordered
from capsule_flows.behaviour_keeping import keep as keep_behaviour
from capsule_flows.challenge import challenge_cases
from capsule_flows.challenge_batch import compose
from capsule_flows.challenge_files import NotOneText, written
from capsule_flows.drafting import decide, resume
from capsule_flows.fitting import Fitting
from capsule_flows.home import Resources
from capsule_flows.keeping import KeepAs, keep_cases
from capsule_flows.reading import Unreadable
from capsule_flows.receiving import Received, keep, receive_cases
from capsule_flows.releases import Published
from capsule_flows.unpacking import with_their_files
from capsule_kit.manifest import Manifest

from .bringing import CONTRACT, FILES, JPEG, MANIFEST, PNG, archive

ALIKE = (PNG, PNG + b"another")

pytestmark = pytest.mark.usefixtures("read_here")


def brought(here: Resources, content: bytes, name: str = "hers") -> Received:
    return receive_cases(here, MANIFEST, io.BytesIO(content), "hers.zip", name=name, by="Ada")


def accepted(here: Resources, content: bytes, name: str = "hers") -> CaseSet:
    received = brought(here, content, name)
    assert received.case_set is not None, received
    return received.case_set


def staged(here: Resources, cases: CaseSet, manifest: Manifest = MANIFEST) -> dict[str, bytes]:
    place = here.store.stage(uuid4(), cases.inputs_hash, manifest.contract.hash)
    return {one.name: one.read_bytes() for one in (place.data / "files").iterdir()}


def in_store(here: Resources) -> set[bytes]:
    return {one.read_bytes() for one in Path(here.store.root, "files").glob("*")}


def test_the_named_files_are_kept_and_staged_and_the_archive_stays_as_it_came(
    resources: Resources,
) -> None:
    content = archive({**FILES, "notes.docx": b"unnamed"})

    cases = accepted(resources, content)

    assert in_store(resources) == set(FILES.values())
    (upload,) = resources.ledger.uploads()
    assert resources.store.upload(upload.sha256, upload.filename).read_bytes() == content
    assert staged(resources, cases) == {
        f"{sha256(one).hexdigest()}.{name.rpartition('.')[2]}": one for name, one in FILES.items()
    }


def test_the_same_table_with_another_image_is_another_case_set(resources: Resources) -> None:
    one = accepted(resources, archive(FILES))
    other = accepted(resources, archive({**FILES, "images/a.png": PNG + b"!"}))
    again = accepted(resources, archive(FILES))
    assert one.inputs_hash != other.inputs_hash
    assert (again.id, other.name) == (one.id, "hers-2")
    assert PNG + b"!" not in staged(resources, one).values()


def test_a_refused_archive_leaves_no_file_and_is_mended_without_being_brought_again(
    resources: Resources,
) -> None:
    table = "image,spectrum,ill\nc.png,,no\nb.jpg,,yes\n"
    received = brought(resources, archive(FILES, table))
    assert not received.accepted
    assert in_store(resources) == set()
    draft = resume(resources, MANIFEST, received.upload_id)
    assert not isinstance(draft, Unreadable)
    mended = decide(draft, Fitting(cells={2: {"image": "a.png"}}), MANIFEST)
    kept = keep(resources, MANIFEST, mended, name="hers", by="Ada")
    assert kept.case_set is not None
    assert set(staged(resources, kept.case_set).values()) == {PNG, JPEG}


def test_a_table_by_itself_is_told_what_is_missing(resources: Resources) -> None:
    stream = io.BytesIO(b"image,spectrum,ill\na.png,,no\n")
    received = receive_cases(resources, MANIFEST, stream, "hers.csv", name="hers", by="Ada")
    assert received.report is not None
    (one,) = received.report.findings
    assert "Pack the table and the files that “image” names into one ZIP archive" in one.sentence


def of_image(kind: str) -> Manifest:
    """Return the capsule under a contract that asks for another kind of file where the image stands."""
    image, spectrum = CONTRACT.columns
    columns = (image.model_copy(update={"file": kind}), spectrum)
    contract = CONTRACT.model_copy(update={"columns": columns})
    return MANIFEST.model_copy(update={"contract": contract})


@pytest.fixture
def two_alike(resources: Resources) -> Resources:
    """Two kept cases that call their files alike."""
    published = Published(
        deployment_id=UUID(int=1),
        full_name="smears/trial",
        manifest=MANIFEST,
        schema={"definitions": {}},
        image="one",
        code_version=None,
        entrypoint="smears.flow",
        work_pool=None,
    )
    resources.ledger.add_once(published.release())
    for content in ALIKE:
        cases = accepted(resources, archive({"a.png": content}, "image,spectrum,ill\na.png,,no\n"))
        keep_cases(resources, cases, KeepAs(reason="typical"), by="Ada")
    return resources


@pytest.mark.parametrize("manifest", [MANIFEST, of_image("any")], ids=["same", "changed contract"])
def test_challenge_cases_keep_their_files_even_where_different_ones_are_called_alike(
    two_alike: Resources, manifest: Manifest
) -> None:
    batch = compose(two_alike, manifest, challenge_cases(two_alike, MANIFEST.name))
    assert batch.case_set is not None
    assert set(staged(two_alike, batch.case_set, manifest).values()) == set(ALIKE)


def test_composed_cases_are_told_apart_when_they_are_checked_again(two_alike: Resources) -> None:
    batch = compose(two_alike, MANIFEST, challenge_cases(two_alike, MANIFEST.name))
    assert batch.case_set is not None
    inputs = two_alike.store.inputs(batch.case_set.inputs_hash)
    given, files = with_their_files(two_alike.store.files, inputs)
    assert inputs["image"].tolist() == ["a.png", "a.png"]
    meant = [files[name].sha256 for name in given["image"]]
    assert meant == inputs["image (SHA-256)"].tolist()


def test_a_kept_file_that_is_not_what_a_new_contract_asks_for_no_longer_fits(
    two_alike: Resources,
) -> None:
    kept = challenge_cases(two_alike, MANIFEST.name)
    batch = compose(two_alike, of_image("spectrum"), kept)
    assert batch.case_set is None
    assert all("is not a spectrum" in why for why in batch.asked["why_not"])


def test_challenge_cases_with_files_are_not_written_as_text(two_alike: Resources) -> None:
    kept = challenge_cases(two_alike, MANIFEST.name)
    with pytest.raises(NotOneText, match="their column 'image' names files"):
        written(two_alike, MANIFEST, kept)


def test_a_behaviour_check_asks_about_the_same_files(resources: Resources) -> None:
    cases = accepted(resources, archive(FILES))
    check = BehaviourCheck(changes=(Reordered(),))
    made = keep_behaviour(resources, MANIFEST, cases, check, by="Ada")
    derived = resources.ledger.case_set_by_id(made.derived_id)
    assert derived is not None
    assert set(staged(resources, derived).values()) == set(FILES.values())
