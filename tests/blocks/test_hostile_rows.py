"""The ledger gives odd text back as it was given, on SQLite and on PostgreSQL alike."""

from uuid import uuid4

from capsule_blocks import Ledger
from capsule_blocks.storable import UNKNOWN
from capsule_blocks.tables import Check, Upload, Verdict
from hostile import HOSTILE, UNSTORABLE
from rows import HASH, release, trial


def test_text_comes_back_as_it_was_given(ledger: Ledger) -> None:
    """As a file's name, a person's name, a statement, a setting and a finding."""
    tried = trial()
    tried.settings = dict(zip(HOSTILE, HOSTILE, strict=True))
    ledger.add(release(), tried)
    for text in HOSTILE:
        upload = Upload(capsule="tumor", filename=text, sha256=HASH, size=1, by=text)
        found = Check(
            upload_id=upload.id,
            capsule="tumor",
            contract_hash=HASH,
            accepted=False,
            findings=[{text: text}],
        )
        signed = Verdict(
            flow_run_id=tried.flow_run_id, release_id="r1", word="ready", statement=text, by=text
        )
        ledger.add(upload, found, signed)
    kept = ledger.trial(tried.flow_run_id)
    assert kept is not None
    assert kept.settings == dict(zip(HOSTILE, HOSTILE, strict=True))
    assert {one.filename for one in ledger.uploads()} == set(HOSTILE)
    signed_by = {one.by: one.statement for one in ledger.verdicts(flow_run_id=tried.flow_run_id)}
    assert signed_by == {text: text for text in HOSTILE}


def test_what_no_database_holds_is_replaced_and_nothing_else(ledger: Ledger) -> None:
    texts = [f"{number}: before {text} after" for number, text in enumerate(UNSTORABLE)]
    ledger.add(
        *(
            Upload(id=uuid4(), capsule="t", filename=one, sha256=HASH, size=1, by="A")
            for one in texts
        )
    )
    kept = sorted(one.filename for one in ledger.uploads())
    for given, shown in zip(texts, kept, strict=True):
        assert UNKNOWN in shown
        assert shown.replace(UNKNOWN, "") == "".join(
            letter for letter in given if letter != "\0" and not "\ud800" <= letter <= "\udfff"
        )
