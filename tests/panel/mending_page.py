"""`python mending_page.py PORT FOLDER`: one refused file being made to fit, served alone, with a ledger of its own."""

import io
import sys
from pathlib import Path

import pandas as pd
from pydantic import SecretStr

import panel as pn
from capsule_blocks import CaseStore, Ledger
from capsule_flows.home import Resources
from capsule_flows.receiving import receive_cases
from capsule_kit.manifest import Manifest, Page
from capsule_panel.frame import page
from capsule_panel.mending import Mending
from capsule_panel.person import Person
from checks.contracts import CONTRACT, GOOD

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


def main(port: int, folder: Path) -> None:
    """Bring the file, then serve its page."""
    ledger = Ledger(url=SecretStr(f"sqlite:///{folder / 'ledger.db'}"))
    ledger.migrate()
    here = Resources(CaseStore(root=folder / "store"), ledger, "http://app", "http://prefect")
    brought = receive_cases(here, MANIFEST, io.BytesIO(her_file()), "hers.csv", name="hers", by="A")

    def view() -> object:
        async def on_kept(sentence: str, name: str) -> None:
            """Leave what was kept to the ledger."""

        mending = Mending(here, MANIFEST, Person(), brought.upload_id, "hers", on_kept)

        async def fill() -> list[object]:
            await mending.load()
            return [mending.view]

        return page("Mending", fill)

    print("serves", flush=True)
    pn.serve(view, port=port, address="127.0.0.1", show=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
