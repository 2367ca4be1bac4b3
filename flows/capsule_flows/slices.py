"""Groups of cases judged by themselves: declared ones, and weak slices that a search found. Pure.

A found slice is wrong more often than all other cases; its p is Fisher's, one-sided, and corrected by
Holm 1979 (Scand J Stat 6:65) for every slice that was looked at.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import hypergeom, norm

from capsule_flows import judgement_words
from capsule_flows.class_judging import FEWEST_FOR_A_RATE, rate_of
from capsule_flows.estimates import Bools, Floats
from capsule_flows.intervals import Interval
from capsule_flows.judged_cases import Known
from capsule_flows.judgement import Group, Groups
from capsule_flows.wording import number
from capsule_kit.columns import Column
from capsule_kit.manifest import Manifest

RISK = 0.05
PARTS = 4
"""Into so many ranges of as many cases each a column of numbers is cut."""
MOST_VALUES = 50
"""Choices beyond the commonest so many are not looked at."""
MOST_EXACT = 20_000
"""Up to so many cases p is exact; beyond, by the normal approximation."""
FOR_EDGES = 10_000


class Slice(NamedTuple):
    """Some of the cases."""

    column: str
    value: str
    right: int
    n: int


def groups(inputs: pd.DataFrame, known: Known, manifest: Manifest) -> Groups:
    """Return the declared groups, and the slices that are wrong more often than chance allows."""
    rows = inputs if len(known.place) == len(inputs) else inputs.iloc[known.place]
    wanted = set(manifest.groups)
    columns = [one for one in manifest.contract.columns if one.name in inputs]
    declared = [
        piece for one in columns if one.name in wanted for piece in slices(rows, known.right, one)
    ]
    searched = [
        piece
        for one in columns
        if one.name not in wanted
        for piece in slices(rows, known.right, one)
        if FEWEST_FOR_A_RATE <= piece.n <= len(known.right) - FEWEST_FOR_A_RATE
    ]
    corrected = holm(worse_than_the_rest(searched, int(known.right.sum()), len(known.right)))
    found = sorted((p, piece) for p, piece in zip(corrected, searched, strict=True) if p < RISK)
    return Groups(
        declared=tuple(_group(piece, None) for piece in declared),
        found=tuple(_group(piece, p) for p, piece in found),
        searched=len(searched),
        sentence=judgement_words.searched(len(searched), len(found)),
    )


def slices(rows: pd.DataFrame, right: Bools, column: Column) -> Iterator[Slice]:
    """Yield the values of a choice or a yes/no column, or the ranges of a number, with their counts."""
    if column.identifier:
        return
    values = rows[column.name]
    if column.kind in ("number", "integer"):
        names, places = _ranges(values.to_numpy(float, na_value=np.nan))
    elif column.kind in ("choice", "yes/no"):
        places, kept = pd.factorize(values)
        names = [_told(one) for one in kept][:MOST_VALUES]
    else:
        return
    fit = (places >= 0) & (places < len(names))
    n = np.bincount(places[fit], minlength=len(names))
    k = np.bincount(places[fit & right], minlength=len(names))
    for place, name in enumerate(names):
        if n[place]:
            yield Slice(column.name, name, int(k[place]), int(n[place]))


def worse_than_the_rest(pieces: Sequence[Slice], right: int, n: int) -> Floats:
    """Return the p of each slice being wrong as often by chance, given how often all are."""
    inside = np.array([piece.n for piece in pieces], dtype=float)
    wrong = np.array([piece.n - piece.right for piece in pieces], dtype=float)
    if not len(pieces):
        return np.zeros(0)
    if n <= MOST_EXACT:
        return np.asarray(hypergeom.sf(wrong - 1, n, n - right, inside), dtype=float)
    share = (n - right) / n
    spread = np.sqrt(inside * share * (1 - share) * (n - inside) / max(1, n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(spread > 0, (wrong - inside * share) / spread, 0.0)
    return np.asarray(norm.sf(z), dtype=float)


def holm(p: Floats) -> list[float]:
    """Return each p corrected for all of them."""
    order = np.argsort(p)
    scaled = p[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(scaled)) if len(p) else scaled
    return [float(one) for one in corrected]


def _ranges(values: Floats) -> tuple[list[str], np.ndarray]:
    """Return a number's ranges in words, and for each case which it is in; -1 of a blank."""
    there = values[np.isfinite(values)]
    if not len(there):
        return [], np.full(len(values), -1)
    # The ends of ranges need not be exact: of a million rows some thousand tell them.
    some = there[:: max(1, len(there) // FOR_EDGES)]
    edges = np.unique(np.quantile(some, np.linspace(0, 1, PARTS + 1)[1:-1]))
    places = np.zeros(len(values), dtype=np.int64)
    for edge in edges:
        places += values >= edge
    ends = [-math.inf, *edges.tolist(), math.inf]
    names = [_between(low, high) for low, high in pairwise(ends)]
    return names, np.where(np.isfinite(values), places, -1)


def _between(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "any"
    if math.isinf(low):
        return f"under {number(high)}"
    if math.isinf(high):
        return f"{number(low)} or more"
    return f"{number(low)} to under {number(high)}"


def _told(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return str(value)


def _group(piece: Slice, p: float | None) -> Group:
    rate = rate_of(piece.right, piece.n) if piece.n >= FEWEST_FOR_A_RATE else None
    interval = Interval(rate.low, rate.high) if rate else None
    return Group(
        column=piece.column,
        value=piece.value,
        found=p is not None,
        right=piece.right,
        n=piece.n,
        rate=rate,
        p=p,
        sentence=judgement_words.group(
            piece.column, piece.value, piece.right, piece.n, interval, p
        ),
    )
