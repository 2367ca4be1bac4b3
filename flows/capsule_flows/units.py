"""Units of measurement: whether one can be turned into another, and the numbers turned.

Pint knows the units; it is imported where a file writes another unit than the contract.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import pint

UNIT = r"(?:[A-Za-zµμ°%Å][A-Za-zµμ°%Å]{0,20}|1)(?:\^?-?[1-9²³])?"
PLAIN_UNIT = re.compile(rf"{UNIT}(?:\s?[/*·.]\s?{UNIT}){{0,4}}")
"""What is handed to the library: never an expression that could take long to work out."""
POWER_OF_TEN = re.compile(r"(?:10\^?|10\*\*|[x\u00d7]\s?10\^?|1e)\+?(?P<power>[0-9]{1,2})\s?(?=/)")


def same_unit(one: str, other: str) -> bool:
    """Say whether two texts write the same unit, such as `mg/dL` and `mg / dl`."""
    if _bare(one) == _bare(other):
        return True
    first, second = _parsed(one), _parsed(other)
    return first is not None and first == second


def known(unit: str) -> bool:
    """Say whether a text is a unit that can be turned into others."""
    return _parsed(unit) is not None


def convertible(unit: str, to: str, molar_mass: float | None = None) -> bool:
    """Say whether numbers in `unit` can be turned into `to`.

    Args:
        unit: The unit of the file.
        to: The unit of the contract.
        molar_mass: Of the substance measured, in g/mol; joins mg/dL and mmol/L.
    """
    try:
        converted(pd.Series([1.0]), unit, to, molar_mass)
    except NotConvertible:
        return False
    return True


def converted(values: pd.Series, unit: str, to: str, molar_mass: float | None = None) -> pd.Series:
    """Return numbers, float64, turned from `unit` into `to`.

    Raises:
        NotConvertible: one of the units is unknown, or they measure different things.
    """
    import pint

    first, second = _parsed(unit), _parsed(to)
    if first is None or second is None:
        raise NotConvertible(unit, to)
    (scale, source), (back, target) = first, second
    given = _registry().Quantity(values.to_numpy("float64") * scale, source)
    try:
        told = _through_molar_mass(given, target, molar_mass).to(target)
    except (pint.DimensionalityError, pint.OffsetUnitCalculusError) as error:
        raise NotConvertible(unit, to) from error
    return pd.Series(told.magnitude / back, index=values.index)


def _through_molar_mass(given: Any, target: Any, molar_mass: float | None) -> Any:
    """Return masses as amounts of substance or the other way round, where that is all that differs."""
    if molar_mass is None:
        return given
    registry = _registry()
    of_one_mole = registry.Quantity(molar_mass, "g/mol")
    apart = (registry.Quantity(1, given.units) / registry.Quantity(1, target)).dimensionality
    if apart == of_one_mole.dimensionality:
        return given / of_one_mole
    return given * of_one_mole if apart == (1 / of_one_mole).dimensionality else given


class NotConvertible(ValueError):
    """Two units between which nothing can be worked out."""

    def __init__(self, unit: str, to: str) -> None:
        """Say which."""
        super().__init__(f"{unit} cannot be turned into {to}")


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry()
    registry.define("international_unit = [international_unit] = IU")
    registry.define("cell = count = cells")
    return registry


@cache
def _parsed(text: str) -> tuple[float, Any] | None:
    """Return the power of ten in front of a unit, and the unit; None where it is none we know."""
    import pint

    written = text.strip()
    scale = 1.0
    if power := POWER_OF_TEN.match(written):
        scale, written = 10.0 ** int(power["power"]), "1" + written[power.end() :]
    if not PLAIN_UNIT.fullmatch(written):
        return None
    try:
        return scale, _registry().Unit(written.replace("·", "*").replace("μ", "µ"))
    except (pint.PintError, ValueError, AttributeError):
        return None


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()
