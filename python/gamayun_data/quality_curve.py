"""The curve of quality: how often each bucket is read, better ones more often.

The form is that of OLMo 3's mixture (Dolma 3, `mixing_utils.py`): over the percentile x of quality
the rate is C x^p e^(gx) above a cut and 0 below it, its mean is what the stage needs of the text,
it rises, and its mean over the top bucket is at most so many epochs. Here p and g are scaled by one
steepness, the largest that the cap on the top bucket allows: the curve is fully determined.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Final

from gamayun_data.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REPEATS: Final = 7.0
"""The most epochs of the top bucket, as OLMo 3 has it."""

POINTS: Final = 8
"""Of the midpoint rule in each bucket."""

STEEPEST: Final = 5.0
"""No curve is steeper, however little the stage needs of the text: OLMo 3 looks for p up to 5."""

ROUNDS: Final = 60
CLOSE: Final = 1e-11
LEAST: Final = 2
"""With fewer buckets there is nothing to choose."""

DIGITS: Final = 9
"""Rates are rounded: a libm's last bit must not reach a plan."""


def factors(
    sizes: Sequence[float],
    mean: float,
    *,
    repeats: float = REPEATS,
    cut: float = 0.4,
    power: float = 1.0,
    growth: float = 1.0,
) -> list[float]:
    """How often each bucket is read, from the worst to the best, when all together is read `mean`.

    `sizes` are the buckets in any unit. The cut is lowered where the text above it would not do.
    Raises `ConfigError` when the mean itself is above `repeats`.

    >>> factors([1, 1, 1, 1], 1.0, repeats=2.0, cut=0.5)
    [0.0, 0.0, 2.0, 2.0]
    >>> [round(one, 2) for one in factors([1, 1, 1, 1], 1.0, repeats=3.0, cut=0.25)]
    [0.0, 0.12, 0.88, 3.0]
    """
    if len(sizes) < LEAST or mean <= 0 or not sum(sizes):
        return [round(mean, DIGITS)] * len(sizes)
    if mean > repeats:
        raise ConfigError(
            f"the stage needs {mean:.4g} epochs of all buckets together, more than "
            f"the {repeats:g} of the best",
            parameter="policy.repeats",
        )
    lowest = min(cut, 1 - mean / repeats)
    grid = _grid(sizes, lowest, power, growth)
    need = mean * sum(sizes)
    steepest = _last_below(lambda steep: _rates(grid, sizes, need, steep)[-1] - repeats, STEEPEST)
    return [round(rate, DIGITS) for rate in _rates(grid, sizes, need, steepest)]


def _last_below(excess: Callable[[float], float], high: float) -> float:
    """Where a rising function passes 0 between 0 and `high`; `high` if it stays below.

    By false position, with the weight of an end halved that stays twice (the Illinois rule).
    """
    low, below, above = 0.0, excess(0.0), excess(high)
    if above <= 0 or below >= 0:
        return high if above <= 0 else 0.0
    side = 0
    for _ in range(ROUNDS):
        middle = (low * above - high * below) / (above - below)
        value = excess(middle)
        if abs(value) < CLOSE:
            return middle
        if value < 0:
            low, below, above = middle, value, above / 2 if side < 0 else above
            side = -1
        else:
            high, above, below = middle, value, below / 2 if side > 0 else below
            side = 1
    return low


def _grid(
    sizes: Sequence[float], cut: float, power: float, growth: float
) -> list[tuple[float, list[float]]]:
    """For each bucket the part of it above the cut, and the log of the curve at points there."""
    total, before = sum(sizes), 0.0
    buckets = []
    for size in sizes:
        start, end = before / total, (before + size) / total
        first = max(start, cut)
        width = max(0.0, end - first)
        xs = [(first - cut + width * (i + 0.5) / POINTS) / (1 - cut) for i in range(POINTS)]
        logs = [power * math.log(x) + growth * (x - 1) for x in xs if x > 0] if width else []
        buckets.append((width / (end - start) / POINTS if width else 0.0, logs))
        before += size
    return buckets


def _rates(
    grid: Sequence[tuple[float, list[float]]], sizes: Sequence[float], need: float, steepness: float
) -> list[float]:
    """The mean rate of each bucket; those of all buckets, times their sizes, sum to `need`."""
    exp = math.exp
    raw = [part * sum([exp(steepness * log) for log in logs]) for part, logs in grid]
    scale = need / sum(map(operator.mul, raw, sizes))
    return [rate * scale for rate in raw]
