"""A trial counts for the release that it is recorded with only where it ran as that release's image."""

from datetime import UTC, datetime

import pytest

from capsule_flows.settling import OtherImage, insist_on_image
from capsule_kit.provenance import Provenance
from rows import release

NOW = datetime(2026, 1, 2, tzinfo=UTC)
THIS, THAT = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def ran_as(image: str | None) -> Provenance:
    return Provenance(
        capsule="tumor",
        image_id=image,
        code_version=None,
        contract_hash="c",
        model_hash="m",
        inputs_hash="i",
        cases=1,
        settings={},
        seed=None,
        packages={},
        python="3.11",
        platform="linux",
        loaded_at=NOW,
        started_at=NOW,
        ended_at=NOW,
    )


@pytest.mark.parametrize(
    ("recorded", "ran"),
    [(THIS, THIS), (None, THIS), (None, None), (THIS, None), ("registry/tumor:3", THIS)],
    ids=["the same", "as a process", "by a process", "no word of it", "known by a name"],
)
def test_what_ran_as_recorded_or_cannot_be_told_is_judged(
    recorded: str | None, ran: str | None
) -> None:
    one = release()
    one.image = recorded
    insist_on_image(one, ran_as(ran))


def test_what_ran_as_another_image_is_not_judged() -> None:
    one = release()
    one.image = THIS
    with pytest.raises(
        OtherImage, match=r"ran as the image bbbbbbbb, .* of aaaaaaaa: .* run it again"
    ):
        insist_on_image(one, ran_as(THAT))
