"""Challenge cases go into a text file and come back as the same cases; sealed ones never go."""

from pathlib import Path

import pytest

from capsule_flows.challenge import challenge_cases
from capsule_flows.challenge_files import NoChallengeFile, taken_in, written
from judgement.examples import class_manifest
from replay.place import B, M, Place

ROWS = [("p1", "lung", 50.5), ("=p2", "skin", 60.0), ('p"3,', "lung", 1e-9)]


def test_what_was_written_comes_back_as_the_same_cases(place: Place, tmp_path: Path) -> None:
    manifest = class_manifest()
    place.release("one")
    cases = place.bring(ROWS, [M, B, None])
    place.keep(cases, "p1", critical=True, sort="rare", reason="missed in March, \nseen twice")
    place.keep(cases, "=p2", 'p"3,', sort="trick", by="Ben")
    file = tmp_path / "kept.csv"
    file.write_text(written(place.where, manifest, challenge_cases(place.where, "example")))
    (tmp_path / "other").mkdir()
    other = Place.new(tmp_path / "other")
    other.release("one")
    taken_in(other.where, manifest, file, by="Eve")
    told = [
        [
            (one.case_id, one.case, one.answer, one.critical, one.sort, one.reason, one.by)
            for one in challenge_cases(each.where, "example")
        ]
        for each in (place, other)
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 3
    other.close()


def test_sealed_cases_are_never_written(place: Place) -> None:
    place.release("one")
    cases = place.bring(ROWS, [M, B, M])
    place.keep(cases)
    place.keep(cases, "p1", shelf="sealed")
    text = written(place.where, class_manifest(), challenge_cases(place.where, "example"))
    assert "p1" not in text
    assert "=p2" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("challenge sort", "kind"), "it has no column 'challenge sort'"),
        (("trick", "odd"), "'odd' is none of typical, rare, trick"),
        (("skin", "bone"), "bone"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why_and_keeps_nothing(
    place: Place, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    manifest = class_manifest()
    place.release("one")
    place.keep(place.bring(ROWS, [M, B, M]), sort="trick")
    text = written(place.where, manifest, challenge_cases(place.where, "example"))
    (file := tmp_path / "kept.csv").write_text(text.replace(*change))
    before = len(place.where.ledger.kept())
    with pytest.raises(NoChallengeFile, match=said):
        taken_in(place.where, manifest, file, by="Eve")
    assert len(place.where.ledger.kept()) == before
