"""An axis of a plot: where a value lies, and which values are marked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

MARKS: Final = 8
"""An axis has at most about as many ticks."""
NARROW: Final = 1e-9
"""A span that is less of its values is none: its ticks could not be told apart."""
EXACT: Final = 0.01
"""Below this, three decimals would hide a number."""
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `low` to `high`, laid from `start` over `length`; upwards if that is negative."""

    low: float
    high: float
    start: float
    length: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value lies, to two decimals, so that a page has the same bytes everywhere."""
        low, high, value = (_scaled(one, log=self.log) for one in (self.low, self.high, value))
        return round(self.start + self.length * (value - low) / (high - low), 2)

    def ticks(self) -> tuple[float, ...]:
        """Round values inside the axis."""
        return log_ticks(self.low, self.high) if self.log else ticks(self.low, self.high)


def fit(values: list[float], start: float, length: float, *, log: bool, widen: bool) -> Axis:
    """An axis that holds all values; with `widen` it ends at ticks. All positive if `log`."""
    low, high = min(values), max(values)
    if log and low <= 0:
        raise ValueError(f"an axis with powers holds positive values only, found {low}")
    if high - low <= NARROW * max(abs(low), abs(high)):
        low, high = (low / 2, high * 2) if log else (low - abs(low or 1) / 2, high + abs(high or 1))
    if widen and not log:
        step = _step(low, high)
        low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return Axis(low, high, start, length, log)


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Multiples of 1, 2 or 5 times a power of ten.

    >>> ticks(0, 1)
    (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    """
    step = _step(low, high)
    slack = step / 1e6
    first, last = math.ceil((low - slack) / step), math.floor((high + slack) / step)
    return tuple(float(f"{number * step:.14g}") for number in range(first, last + 1))


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Powers of ten, with 2 and 5 times them where there are few.

    >>> log_ticks(8, 130)
    (10.0, 20.0, 50.0, 100.0)
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1,), (1, 2, 5)):
        inside = [f * 10.0**power for power in powers for f in factors]
        inside = [one for one in inside if low <= one <= high]
        if len(inside) > MARKS // 3:
            return tuple(inside)
    return tuple(inside) if len(inside) > 1 else ticks(low, high)


def on_axis(value: float) -> str:
    """Show a number beside an axis: no more digits than it has.

    >>> on_axis(65024.0), on_axis(2.5), on_axis(0.000123)
    ('65,024', '2.5', '0.000123')
    """
    return f"{value:,.10g}"


def shown(value: float) -> str:
    """Show a number in a table: whole ones exactly, others to three decimals or digits.

    >>> shown(65024), shown(2.0), shown(3.14159), shown(0.000123)
    ('65,024', '2.000', '3.142', '0.000123')
    """
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return ""
    return f"{value:,.3f}" if abs(value) >= EXACT or not value else f"{value:.3g}"


def _step(low: float, high: float) -> float:
    rough = (high - low) / MARKS
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(step for step in _STEPS if step * power >= rough * (1 - 1e-9))


def _scaled(value: float, *, log: bool) -> float:
    return math.log(value) if log else value
