"""What a model wrote is taken over as plain files of the size they had, whatever they pretend to be."""

import os
from pathlib import Path

import pytest

from capsule_kit.handing_over import (
    MOST_DEEP,
    MOST_FILES,
    TooLarge,
    copy_if_plain,
    hand_over,
)
from capsule_kit.model_words import LONGEST_TOLD, plain


def test_links_pipes_deep_folders_and_names_that_are_no_text_are_dropped(tmp_path: Path) -> None:
    source, target = tmp_path / "from", tmp_path / "to"
    deep = source.joinpath(*["d"] * (MOST_DEEP + 1))
    deep.mkdir(parents=True)
    (deep / "deep.txt").write_text("x")
    (source / "d" / "near.txt").write_text("kept")
    (source / "link").symlink_to("/etc/passwd")
    (source / "folder").symlink_to("/etc", target_is_directory=True)
    os.mkfifo(source / "pipe")
    (source / os.fsdecode(b"\xff.txt")).write_text("x")
    assert hand_over(source, target)
    assert [one.name for one in target.rglob("*") if one.is_file()] == ["near.txt"]


def test_a_file_that_claims_more_than_there_can_be_is_left_out_and_the_others_kept(
    tmp_path: Path,
) -> None:
    source, target = tmp_path / "from", tmp_path / "to"
    source.mkdir()
    with (source / "a").open("wb") as file:
        file.truncate(1 << 43)
    (source / "b").write_text("kept")
    assert not hand_over(source, target)
    assert [one.name for one in target.iterdir()] == ["b"]


def test_no_more_than_a_thousand_files_are_taken(tmp_path: Path) -> None:
    source = tmp_path / "from"
    source.mkdir()
    for number in range(MOST_FILES + 1):
        (source / f"{number}").touch()
    assert not hand_over(source, tmp_path / "to")
    assert len(list((tmp_path / "to").iterdir())) == MOST_FILES


def test_a_file_larger_than_is_left_is_refused_before_it_is_copied(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    with pytest.raises(TooLarge):
        copy_if_plain(tmp_path / "a", tmp_path / "b", most_bytes=4)
    assert not (tmp_path / "b").exists()


def test_a_folder_that_was_never_made_holds_nothing(tmp_path: Path) -> None:
    assert hand_over(tmp_path / "absent", tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_words_are_told_without_control_signs_and_cut() -> None:
    assert plain("a\0b\x1b[31m\ud800ü") == "a�b�[31m�ü"
    assert len(plain("x" * 10_000)) == LONGEST_TOLD + 2
