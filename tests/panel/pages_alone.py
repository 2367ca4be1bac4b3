"""`python pages_alone.py PORT FOLDER`: pages that a whole start reaches late or never, served by themselves."""

import io
import sys
from pathlib import Path

import pandas as pd
from looking import two_classes
from panel.viewable import Viewable

import panel as pn
from capsule_flows.flips import flips_of
from capsule_flows.receiving import receive_cases
from capsule_flows.replaying import replay_capsule
from capsule_kit.manifest import Manifest, Page
from capsule_panel.flips_view import flips_shown
from capsule_panel.frame import html, page
from capsule_panel.mending import Mending
from capsule_panel.person import Person
from capsule_panel.pictures import pictures
from checks.contracts import CONTRACT, GOOD
from replay.place import B, M, Place, older

ROWS = 12
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


async def drawn() -> list[Viewable]:
    """Return every picture of a trial with groups."""
    judged = two_classes(groups=("site",))
    return [html("<h1>Pictures</h1>"), *pictures(judged.judgement, judged.cases, judged.manifest)]


def main(port: int, folder: Path) -> None:
    """Make what the pages show, then serve them."""
    place = Place.new(folder)
    fills = {"mending": Mended(place).fill, "flips": Flipped(place).fill, "pictures": drawn}
    views = {name: (lambda fill=fill: page("Alone", fill)) for name, fill in fills.items()}
    pn.extension("tabulator", notifications=False)
    pn.serve(views, port=port, address="127.0.0.1", show=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
