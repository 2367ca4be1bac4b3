"""Text, JSON and times come back from the ledger as they were given, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from capsule_blocks import Ledger
from capsule_blocks.tables import CaseSet, Outcome, Trial
from rows import one_of_each, release


def test_any_text_comes_back_as_it_was_written(ledger: Ledger) -> None:
    """Quotes, signs that databases read, and every script."""
    hostile = "'; DROP TABLE kept; -- %s :name \\ \" ½ né 木 🐢 \n"
    made = release()
    made.entrypoint, made.manifest = hostile, {hostile: [hostile, None, 1.5, True]}
    ledger.add(made)
    assert ledger.release("r1") == made
    ledger.close()
    found = ledger.release("r1")
    assert found is not None
    assert (found.entrypoint, found.manifest) == (hostile, made.manifest)


def test_what_a_database_cannot_hold_is_replaced_by_a_sign_for_unknown(ledger: Ledger) -> None:
    """NUL and half a surrogate pair in text, NaN and infinity in JSON: the outcome is settled all the same."""
    rows = one_of_each()
    cases = next(row for row in rows if isinstance(row, CaseSet))
    tried = next(row for row in rows if isinstance(row, Trial))
    cases.name, tried.settings = "a\0b", {"pace": float("nan"), "words": ["\0", "\ud800"]}
    ledger.add(*(row for row in rows if not isinstance(row, Outcome)))
    told = Outcome(flow_run_id=tried.flow_run_id, kind="model failed", sentence="x\0 \udcff 🐢")
    told.judgement = {"least": float("-inf")}
    assert ledger.add_once(told)
    ledger.close()
    outcome, trial = ledger.outcome(tried.flow_run_id), ledger.trial(tried.flow_run_id)
    assert outcome is not None
    assert trial is not None
    assert outcome.sentence == "x\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER} 🐢"
    assert outcome.judgement == {"least": None}
    assert trial.settings == {"pace": None, "words": ["\0", "\ud800"]}
    assert ledger.case_set("tumor", "a\0b") is not None


def test_times_come_back_in_utc(ledger: Ledger) -> None:
    """Noon two hours east of Greenwich comes back as ten o'clock UTC."""
    noon = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    made = release()
    made.created_at = noon
    ledger.add(made)
    found = ledger.release("r1")
    assert found is not None
    assert found.created_at == noon
    assert found.created_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(ledger: Ledger) -> None:
    """Nobody could say which moment it is."""
    made = release()
    made.created_at = datetime(2026, 1, 1)
    with pytest.raises(StatementError, match="has no time zone"):
        ledger.add(made)
