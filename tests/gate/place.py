"""A real ledger and a real store, in which releases are functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd

from capsule_blocks import CaseStore, Ledger
from capsule_blocks.tables import AnswersRevision, CaseSet, Check
from capsule_flows.case_ids import case_ids
from capsule_flows.home import Resources
from capsule_flows.releases import Published
from capsule_kit.manifest import Manifest
from judgement.examples import class_manifest

M, B = "malignant", "benign"
Model = Callable[[Mapping[str, Any]], object]
Row = tuple[str, str, float]
"""Patient, site, age."""


@dataclass
class Place:
    """The place, with the short words that tests are written in."""

    where: Resources

    @classmethod
    def new(cls, folder: Path) -> "Place":
        """Make a place in a folder; an old one there is opened again."""
        ledger = Ledger(url=f"sqlite:///{folder / 'ledger.db'}")
        ledger.migrate()
        store = CaseStore(root=folder / "store")
        return cls(Resources(store, ledger, "http://app", "http://prefect"))

    def close(self) -> None:
        """Close the ledger's connections."""
        self.where.ledger.close()

    def bring(
        self,
        rows: Sequence[Row],
        answers: Sequence[object],
        *,
        name: str = "Monday",
        manifest: Manifest | None = None,
        by: str = "Ada",
        owner: str | None = None,
        upload: UUID | None = None,
    ) -> CaseSet:
        """Bring cases with their answers, as the door does."""
        manifest = manifest or class_manifest()
        given = pd.DataFrame(list(rows), columns=["patient", "site", "age"])
        given = given.astype({"patient": "str", "site": "str", "age": "float64"})
        inputs = given.assign(case_id=case_ids(given), row=range(2, len(given) + 2))
        known = pd.DataFrame({"case_id": inputs["case_id"], "truth": list(answers)}).dropna()
        order = ["case_id", "row", "patient", "site", "age"]
        sealed = self.where.store.seal(inputs[order], known, manifest.contract.hash)
        check = Check(
            capsule=manifest.name,
            contract_hash=manifest.contract.hash,
            accepted=True,
            upload_id=upload,
        )
        cases = CaseSet(
            capsule=manifest.name,
            name=name,
            inputs_hash=sealed.inputs_hash,
            contract_hash=manifest.contract.hash,
            cases=sealed.cases,
            check_id=check.id,
            by=by,
            owner=owner,
        )
        locked = AnswersRevision(
            case_set_id=cases.id, answers_hash=sealed.answers_hash, reason="as first given", by=by
        )
        self.where.ledger.add(check, cases, locked)
        return cases

    def release(self, name: str, manifest: Manifest | None = None) -> Published:
        """Return a release of the example; another name is another image."""
        manifest = manifest or class_manifest()
        one = Published(
            deployment_id=UUID(int=1),
            full_name="example/trial",
            manifest=manifest,
            schema={"definitions": {}},
            image=name,
            code_version=None,
            entrypoint="example.flow",
            work_pool=None,
        )
        self.where.ledger.add_once(one.release())
        return one


def older(age: float) -> Model:
    """Return a model that calls malignant from an age on."""
    return lambda row: M if row["age"] >= age else B
