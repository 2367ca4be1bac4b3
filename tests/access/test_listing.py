"""An expert's list says of each capsule what she tried herself, and nothing of others."""

from types import SimpleNamespace

from capsule_blocks import Ledger
from capsule_blocks.tables import Outcome
from capsule_flows.home import Resources
from capsule_flows.permission import Visitor
from capsule_panel.pages.listing import _last_word
from rows import release, trial


def test_what_others_tried_is_not_told_to_an_expert(here: Ledger) -> None:
    tried = trial(by="Ben", owner="ben")
    here.add(release(), tried)
    here.add(Outcome(flow_run_id=tried.flow_run_id, kind="judged", sentence="Ben's result."))
    where = Resources(None, here, "", "")  # type: ignore[arg-type]
    one = SimpleNamespace(manifest=SimpleNamespace(name="tumor"))
    told = {
        who: _last_word(where, one, Visitor(role="expert", owner=who, lent={"tumor": frozenset()}))
        for who in ("ada", "ben")
    }
    assert told["ada"] == "You have not tried it yet."
    assert told["ben"].endswith("Ben's result.")
