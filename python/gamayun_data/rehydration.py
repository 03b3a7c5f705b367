"""Rehydration: how often a survivor is repeated, from cluster sizes and what the rules drop there.

FineWeb2's rule (Penedo et al. 2025, arXiv 2506.20920; the data published with it). Where the rules
drop as many documents of a cluster size as they drop of all, a survivor is read once; at the size
where they drop the fewest it is read `max_repeats` times; between the two in proportion.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

import numpy as np

from gamayun_data.errors import ConfigError
from gamayun_data.recipe import MOST_REPEATS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

WINDOW: Final = 5
"""Cluster sizes that the moving average spans."""

EDGE: Final = WINDOW // 2
"""So many sizes at either end are not averaged: the window does not fit there."""

FIXED_WEIGHTS: Final[Mapping[int, int]] = {1: 1, 2: 2, 3: 3, 5: 5, 100: 8, 1000: 1}
"""The earlier rule of FineWeb2, the same for all languages and without rates."""


def rehydration_weights(
    cluster_sizes: Sequence[int],
    removal_rates: Sequence[float],
    *,
    global_rate: float,
    max_repeats: int,
) -> dict[int, int]:
    """Weights by cluster size, by FineWeb2's rule; each holds up to the next size that is named.

    `removal_rates[i]` is the share (or percentage) of the documents in clusters of
    `cluster_sizes[i]` that the rules drop, `global_rate` that of all documents in the same unit.
    The sizes rise; the last one may stand for all sizes from it on. Raises `ConfigError`.

    >>> rehydration_weights([1, 2, 3, 4], [70, 60, 40, 80], global_rate=65, max_repeats=3)
    {1: 1, 3: 3, 4: 1}
    """
    sizes = np.asarray(cluster_sizes, dtype=np.int64)
    rates = np.asarray(removal_rates, dtype=np.float64)
    _check(sizes, rates, global_rate, max_repeats)
    repeats = np.rint(_smoothed(_raw(rates, global_rate, max_repeats))).astype(np.int64)
    changes = np.flatnonzero(np.diff(repeats, prepend=0))
    return {int(sizes[place]): int(repeats[place]) for place in changes}


def weight_of(weights: Mapping[int, int], cluster_size: int) -> int:
    """The weight of a document of a cluster of this size; 1 below the first size that is named.

    >>> weight_of(FIXED_WEIGHTS, 4), weight_of(FIXED_WEIGHTS, 5000)
    (3, 1)
    """
    sizes = sorted(weights)
    place = bisect_right(sizes, cluster_size)
    return weights[sizes[place - 1]] if place else 1


def _raw(rates: NDArray[np.float64], whole: float, most: int) -> NDArray[np.float64]:
    """Linear from 1 at the rate of the whole to `most` at the lowest rate, and 1 above."""
    lowest = rates.min()
    if lowest >= whole:
        return np.ones_like(rates)
    inside = 1 + (most - 1) * ((rates - whole) / (lowest - whole))
    return np.where(rates < whole, inside, 1.0)


def _smoothed(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """The moving average, where its window fits."""
    if len(raw) <= 2 * EDGE:
        return raw
    # As FineWeb2 sums: rounding to the nearest integer tells a half from what is almost one.
    inner = np.convolve(raw, np.ones(WINDOW) / WINDOW, mode="valid")
    return np.concatenate([raw[:EDGE], inner, raw[-EDGE:]])


def _check(sizes: NDArray[np.int64], rates: NDArray[np.float64], whole: float, most: int) -> None:
    if sizes.ndim != 1 or not len(sizes) or sizes[0] < 1 or np.any(np.diff(sizes) <= 0):
        raise ConfigError(
            "cluster_sizes: expected sizes from 1 on that rise, at least one",
            parameter="cluster_sizes",
        )
    if rates.shape != sizes.shape or not np.all(np.isfinite(rates) & (rates >= 0)):
        raise ConfigError(
            f"removal_rates: expected a rate from 0 on for each of {len(sizes)} sizes",
            parameter="removal_rates",
        )
    if not (np.isfinite(whole) and whole >= 0):
        raise ConfigError(
            f"global_rate: expected a rate from 0 on, found {whole!r}", parameter="global_rate"
        )
    if not 1 <= most <= MOST_REPEATS:
        raise ConfigError(
            f"max_repeats: expected a whole number from 1 to {MOST_REPEATS}, found {most!r}",
            parameter="max_repeats",
        )
