"""The curve of quality: how often each bucket is read, better ones more often.

The form is that of OLMo 3's mixture (Dolma 3, `mixing_utils.py`): over the percentile x of quality
the rate is C x^p e^(gx) above a cut and 0 below it, its mean is what the stage needs of the text,
it rises, and its mean over the top bucket is at most so many epochs. Here p and g are scaled by one
steepness, the largest that the cap on the top bucket allows: the curve is fully determined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gamayun_data.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

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


def curves(
    sizes: ArrayLike,
    mean: float,
    repeats: ArrayLike = REPEATS,
    *,
    cut: float = 0.4,
    power: float = 1.0,
    growth: float = 1.0,
) -> Floats:
    """How often each bucket of each group is read, when all of a group together is read `mean`.

    `sizes` has a row a group, of the sizes of its buckets in any unit, the worst first; `repeats`
    is one cap on the best bucket for all groups, or one for each. The cut is lowered where the text
    above it would not do. Raises `ConfigError` when the mean itself is above a cap.

    >>> curves([[1, 1, 1, 1]], 1.0, 2.0, cut=0.5).tolist()
    [[0.0, 0.0, 2.0, 2.0]]
    >>> curves([[1, 1, 1, 1]], 1.0, 3.0, cut=0.25).round(2).tolist()
    [[0.0, 0.12, 0.88, 3.0]]
    """
    import numpy as np

    sizes = np.atleast_2d(np.asarray(sizes, np.float64))
    caps = np.broadcast_to(np.asarray(repeats, np.float64), len(sizes))
    if sizes.shape[1] < LEAST or mean <= 0:
        return np.full_like(sizes, round(mean, DIGITS))
    if len(caps) and mean > caps.min():
        raise ConfigError(
            f"the stage needs {mean:.4g} epochs of all buckets together, more than "
            f"the {caps.min():g} of the best",
            parameter="policy.repeats",
        )
    grid = _Grid(sizes, np.minimum(cut, 1 - mean / caps), mean, power, growth)
    steepest = _last_below(grid, caps)
    return grid.rates(steepest).round(DIGITS)


class _Grid:
    """For each bucket the part of it above the cut, and the log of the curve at points there."""

    def __init__(
        self, sizes: Floats, cut: Floats, mean: float, power: float, growth: float
    ) -> None:
        import numpy as np

        self.sizes, self.need = sizes, mean * sizes.sum(axis=1)
        ends = sizes.cumsum(axis=1)
        starts, total, cut = ends - sizes, ends[:, -1:], cut[:, None]
        starts, ends = starts / total, ends / total
        first = np.maximum(starts, cut)
        width = np.maximum(0.0, ends - first)
        inside = width > 0
        whole = np.where(inside, ends - starts, 1.0)
        self.part = np.where(inside, width / whole / POINTS, 0.0)
        middles = (np.arange(POINTS) + 0.5) / POINTS
        xs = (first - cut)[..., None] + width[..., None] * middles
        xs = np.where(inside[..., None], xs / (1 - cut)[..., None], 1.0)
        self.logs = power * np.log(xs) + growth * (xs - 1)

    def rates(self, steepness: Floats) -> Floats:
        """The mean rate of each bucket; those of a group, times their sizes, sum to the need."""
        import numpy as np

        raw = self.part * np.exp(steepness[:, None, None] * self.logs).sum(axis=2)
        rates: Floats = raw * (self.need / (raw * self.sizes).sum(axis=1))[:, None]
        return rates


def _last_below(grid: _Grid, caps: Floats) -> Floats:
    """The steepness of each group at which its best bucket meets its cap; STEEPEST if none does.

    By false position, with the weight of an end halved that stays twice (the Illinois rule).
    """
    import numpy as np

    low, high = np.zeros_like(caps), np.full_like(caps, STEEPEST)
    below, above = (grid.rates(end)[:, -1] - caps for end in (low, high))
    found = np.where(above <= 0, high, low)
    active, side = (above > 0) & (below < 0), np.zeros(len(caps), np.int8)
    for _ in range(ROUNDS):
        if not active.any():
            break
        with np.errstate(divide="ignore", invalid="ignore"):  # groups that are done
            middle = np.where(active, (low * above - high * below) / (above - below), found)
        value = grid.rates(middle)[:, -1] - caps
        close, rises = np.abs(value) < CLOSE, value < 0
        found = np.where(active, np.where(close, middle, np.where(rises, middle, low)), found)
        active &= ~close
        above = np.where(rises, np.where(side < 0, above / 2, above), value)
        below = np.where(rises, value, np.where(side > 0, below / 2, below))
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        side = np.where(rises, -1, 1).astype(np.int8)
    return found
