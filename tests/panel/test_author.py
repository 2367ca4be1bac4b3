"""The author's page: what stands in the way first, what changed, and each case by versions in a lettered cell."""

import re
from pathlib import Path

import pandas as pd
import pytest

from capsule_blocks.gate_tables import Decided, Override
from capsule_flows.champion import decisions
from capsule_flows.gate import decide
from capsule_panel import access
from capsule_panel.gate_view import answer_html, changed_html, overrides_html, verdicts_html
from capsule_panel.header import navigation
from capsule_panel.pages import author
from capsule_panel.replay_grid import broke_on, grid, states
from gate.evidence import NOW, OLDER, POLICY, SHELF, THIS, evidence, signed
from gate.test_evidence import ANSWERS, ROWS, released, tried
from replay.place import Place, older

ALONG = {
    "mended": ["wrong", "right", "right"],
    "broken": ["right", "right", "wrong"],
    "through a gap": ["right", "infrastructure failed", "wrong"],
    "never run": [None, None, None],
    "by chance": [None, "unsteady", "right"],
}
CELLS = pd.DataFrame.from_dict(ALONG, orient="index", columns=["v1", "v2", "v3"])


def test_what_changed_is_told_from_what_stayed() -> None:
    told = {name: list(row) for name, row in zip(ALONG, states(CELLS).to_numpy(), strict=True)}
    assert told == {
        "mended": ["wrong", "fixed", "right"],
        "broken": ["right", "right", "broken"],
        "through a gap": ["right", "infrastructure failed", "broken"],
        "never run": ["not run", "not run", "not run"],
        "by chance": ["not run", "unsteady", "right"],
    }


def test_what_broke_on_an_earlier_version_and_is_still_wrong_is_told_with_it() -> None:
    later = CELLS.assign(v4=["right", "wrong", "wrong", None, "wrong"])
    assert broke_on(states(later)) == [None, "v3", "v3", None, "v4"]


def test_each_cell_has_a_letter_and_a_colour_and_what_broke_comes_first() -> None:
    told = grid(CELLS, list(ALONG), ["v1", "<b>v2", "v3"])
    rows = re.findall(r'class="case">([^<]+)</td>', told)
    assert rows[:2] == ["broken", "through a gap"]
    assert told.count("<abbr ") == 15
    assert '<abbr class="bad" title="broken">B</abbr>' in told
    assert "&lt;b&gt;v2" in told
    assert "No case was replayed yet" in grid(CELLS.iloc[:0], [], [])


def test_an_answer_says_what_stands_in_the_way_and_what_would_settle_it() -> None:
    wrong = SHELF.model_copy(update={"critical_wrong": ("<i>S-1",)})
    decision = decide(POLICY, evidence(open=wrong, verdicts=(signed("Ada"),)))
    row = Decided(
        capsule="tumor",
        release_id=THIS,
        answer=decision.answer,
        decision=decision.model_dump(mode="json"),
        evidence={},
        evidence_hash="x",
        by="Bob",
        at=NOW,
    )
    told = answer_html(row, current=False)
    assert '<span class="missed">NO-GO</span>' in told
    assert "&lt;i&gt;S-1 went wrong." in told
    assert "1 more expert who signs this release" in told
    assert "That was release 11111111, not the one deployed now." in told


def test_what_the_gate_finds_otherwise_than_last_time_is_listed() -> None:
    before, now = decide(POLICY, evidence(verdicts=())), decide(POLICY, evidence())
    told = changed_html(now, before)
    assert "the answer: INCONCLUSIVE before, GO now" in told
    assert "2 experts must sign that it is ready: missing before, met now" in told
    assert "Nothing that the gate asks for" in changed_html(now, now)


def test_verdicts_on_this_release_come_first_and_an_override_is_always_shown() -> None:
    told = verdicts_html([signed("Ada", release=OLDER), signed("Ben")], THIS)
    assert told.index("Ben") < told.index("Ada")
    assert "on release 00000000" in told
    row = Override(capsule="tumor", release_id=THIS, decision_id=THIS, reason="<x>", by="Carl", at=NOW)  # fmt: skip
    assert "Carl let release 11111111 through against the gate" in overrides_html([row])
    assert "&lt;x&gt;" in overrides_html([row])


def test_the_page_is_offered_to_authors_alone() -> None:
    assert "/author" in navigation("/", "Bob", author=True)
    assert "/author" not in navigation("/", "Ada")


async def test_the_page_shows_each_model_and_its_button_asks_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a Prefect server, which does not run here, the one release stands."""
    place = Place.new(tmp_path)
    release = released(place, "v1")
    tried(place, release, place.bring(ROWS, ANSWERS), older(60))
    monkeypatch.setattr(author, "control", lambda: place.where)
    monkeypatch.setattr(author, "published", lambda: [release])
    monkeypatch.setattr(author, "find_published", lambda _: release)
    _, sheet = await author._fill()
    assert author.NOT_ASKED in sheet[0].object
    view = author.CapsuleView(place.where, "example")
    await view._on_ask(None)
    assert "INCONCLUSIVE" in view._answer.object
    assert "Still open: 1 expert must sign that it is ready" in view._answer.object
    assert "Nothing was replayed yet" in view._rest.object
    assert view._said.object == ""
    assert [one.by for one in decisions(place.where.ledger, "example")] == [access.HERE]
    place.close()
