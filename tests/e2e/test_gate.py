"""A build server asks the gate: exit code, document and Markdown agree, and a person can go against it by name."""

from pathlib import Path

from e2e.conftest import Started

CAPSULE = "tumor_malignancy"
CODES = {"GO": 0, "NO-GO": 1, "INCONCLUSIVE": 2}


def test_a_build_server_asks_and_a_person_overrides(started: Started, tmp_path: Path) -> None:
    file = tmp_path / "gate.md"
    given = started.json("gate", CAPSULE, "--markdown", str(file), code=None)
    started.capsules("gate", CAPSULE, code=CODES[given["answer"]])
    # Two experts have to sign, and nobody of that name has.
    assert given["answer"] != "GO"
    assert all(one["settle"] for one in given["reasons"] if one["found"] == "missing")
    assert file.read_text().startswith(f"## {given['answer']}")

    again = started.json("gate", CAPSULE, "--again", given["decision"], code=CODES[given["answer"]])
    assert again["reasons"] == given["reasons"]
    assert again["evidence_hash"] == given["evidence_hash"]
    assert "made no decision" in started.capsules(
        "gate", CAPSULE, "--again", "x", code=64, told=True
    )

    started.capsules("override", CAPSULE, "--by", "Carl", "--reason", " ", code=64)
    why = "Needed on Monday"
    started.capsules("override", CAPSULE, "--by", "Carl", "--reason", why)
    after = started.json("gate", CAPSULE, code=None)
    assert after["answer"] != "GO"
    assert after["champion"] == after["release"]
    assert [(one["by"], one["reason"]) for one in after["overrides"]] == [("Carl", why)]
