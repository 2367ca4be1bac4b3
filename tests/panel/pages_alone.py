"""`python pages_alone.py PORT FOLDER`: pages that a whole start reaches late or never, served by themselves."""

import io
import sys
from pathlib import Path
from uuid import UUID

import pandas as pd
from looking import two_classes
from panel.viewable import Viewable

import panel as pn
from capsule_blocks.registered_models import ModelsUnreachable, RegisteredModel, Version
from capsule_blocks.tables import Outcome, now
from capsule_flows.containers import End
from capsule_flows.containment import Limits
from capsule_flows.ends import ended_state, overdue_state
from capsule_flows.flips import flips_of
from capsule_flows.following import RunView
from capsule_flows.receiving import receive_cases
from capsule_flows.replaying import replay_capsule
from capsule_flows.trial_words import (
    CANCELLED,
    DATA_REFUSED_KIND,
    INFRASTRUCTURE_FAILED,
    MODEL_FAILED_KIND,
)
from capsule_kit.manifest import Manifest, Page
from capsule_panel import going
from capsule_panel.flips_view import flips_shown
from capsule_panel.frame import html, page, section
from capsule_panel.mending import Mending
from capsule_panel.person import Person
from capsule_panel.pictures import pictures
from capsule_panel.registry_view import RegistryView
from checks.contracts import CONTRACT, GOOD
from replay.place import B, M, Place, older

ROWS = 12
RUN = UUID(int=1)
LIMITS = Limits(memory=2 << 30, cpus=1, processes=64, seconds=600, work_bytes=64 << 20)
MANIFEST = Manifest(
    name="tumor",
    title="Is it malignant?",
    contract=CONTRACT,
    criteria=(),
    costs=(),
    page=Page(does="d", needs="n", limits="l"),
)


def her_file() -> bytes:
    """Return a table with a header that is not asked for, two unknown words, and three cells to mend."""
    table = pd.DataFrame({name: (values * ROWS)[:ROWS] for name, values in GOOD.items()})
    table["sample"] = [f"S-{row}" for row in range(ROWS)]
    table.loc[[1, 4, 9], "radius"] = ["n/a", "400", "n/a"]
    table["stain"] = ["P", "G"] * (ROWS // 2)
    table = table.rename(columns={"cells": "cells counted"})
    return table.to_csv(index=False, sep=";").encode()


class Mended:
    """A refused file that is being made to fit."""

    def __init__(self, place: Place) -> None:
        self._where = place.where
        self._brought = receive_cases(
            place.where, MANIFEST, io.BytesIO(her_file()), "hers.csv", name="hers", by="A"
        )

    async def fill(self) -> list[Viewable]:
        async def on_kept(sentence: str, name: str) -> None:
            """Leave what was kept to the ledger."""

        upload = self._brought.upload_id
        mending = Mending(self._where, MANIFEST, Person(), upload, "hers", on_kept)
        await mending.load()
        return [html("<h1>Mending</h1><h2>Her file</h2>"), mending.view]


class Flipped:
    """Her cases, one broken and one fixed on the newest version."""

    def __init__(self, place: Place) -> None:
        self._where = place.where
        rows = [("p1", "lung", 50.0), ("<b>p2</b>", "skin", 60.0), ("p3", "lung", 70.0)]
        cases = place.bring(rows, [M, B, M])
        place.keep(cases)
        for release, model in (("one", lambda row: M), ("two", older(65))):
            at = place.at(place.release(release), model)
            replay_capsule(at, round_name="night", why="night")

    async def fill(self) -> list[Viewable]:
        flips = flips_of(self._where, "Ada")
        return [html("<h1>Yours</h1>"), *flips_shown(self._where, flips, "Ada")]


def _going(sentence: str, progress: float | None = None, seconds: float | None = None) -> str:
    log = ["10:41:07 Beginning flow run 'calm-otter'", "10:41:07 The model is loaded."]
    run = RunView(
        RUN, "RUNNING", "Running", sentence, False, progress, seconds, log if seconds else [], "/"
    )
    return going.live(run, 42.0) + going.log(run)


async def states() -> list[Viewable]:
    """Return every state that a trial can be seen in but judged: under way, and each other end."""
    ways = {
        "queued": _going("Waiting for a place to run; 3 trials before it."),
        "starting": _going("Starting its own container."),
        "loading": _going("Loading the model.", None, 2.0),
        "predicting": _going("Predicting: 412 of 1,240 cases.", 0.33, 75.0),
        "judging": going.judging(),
    }
    ended = ended_state(End(137, True, "loading weights\nallocating 9 GB"), LIMITS)
    ends = {
        CANCELLED: "It was stopped.",
        MODEL_FAILED_KIND: str(ended.message),
        DATA_REFUSED_KIND: "Row 12: radius is 400 µm; give a radius from 1 to 100 µm.",
        INFRASTRUCTURE_FAILED: str(ended_state(End(-1), LIMITS).message),
    }
    unjudged = [
        going.unjudged(Outcome(flow_run_id=RUN, kind=kind, sentence=said), None)
        for kind, said in ends.items()
    ]
    overdue = str(overdue_state(LIMITS).message)
    late = going.unjudged(Outcome(flow_run_id=RUN, kind=MODEL_FAILED_KIND, sentence=overdue), None)
    title = html("<h1>Every state of a trial</h1>")
    return [title, *(section(html(shown)) for shown in [*ways.values(), *unjudged, late])]


class InPlace:
    """Stands for a place where models are kept."""

    def __init__(self, *known: RegisteredModel, problem: str = "") -> None:
        self._known, self._problem = known, problem

    def models(self) -> tuple[RegisteredModel, ...]:
        """Return what is kept, or say that nothing answers."""
        if self._problem:
            raise ModelsUnreachable(self._problem, "nothing answers")
        return self._known


def _model(name: str, version: str | None) -> RegisteredModel:
    newest = version and Version(name, version, f"models:/{name}/{version}", at=now(), by="ada")
    return RegisteredModel(name, aliases={"champion": "1"}, newest=newest or None)


async def models(place: Place) -> list[Viewable]:
    """Return a registry's models in every state, one place of which is away."""
    manifest = MANIFEST.model_copy(update={"registered": "models:/tumor/2"})
    there = InPlace(_model("tumor", "3"), _model("<b>bare</b>", "1"), _model("emptied", None))
    away = InPlace(problem="http://models.example")
    view = RegistryView(place.where, [there, away], [place.release("one", manifest)])  # type: ignore[list-item]
    await view.load()
    return [html("<h1>For authors</h1>"), view.view()]


async def drawn() -> list[Viewable]:
    """Return every picture of a trial with groups."""
    judged = two_classes(groups=("site",))
    return [html("<h1>Pictures</h1>"), *pictures(judged.judgement, judged.cases, judged.manifest)]


def main(port: int, folder: Path) -> None:
    """Make what the pages show, then serve them."""
    place = Place.new(folder)
    fills = {
        "mending": Mended(place).fill,
        "flips": Flipped(place).fill,
        "pictures": drawn,
        "states": states,
        "models": lambda: models(place),
    }
    views = {name: (lambda fill=fill: page("Alone", fill)) for name, fill in fills.items()}
    pn.extension("tabulator", notifications=False)
    pn.serve(views, port=port, address="127.0.0.1", show=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
