"""How evenly tokens are shared out among languages, and the weights that change it: pure sums.

The cost of a language is its tokens for a unit of content that all languages share: a line of
parallel text, or a byte of the same text in a reference language.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gamayun_data.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def gini(values: Iterable[float]) -> float:
    """The Gini coefficient of costs: ΣΣ|a - b| / (2 n² mean), over all ordered pairs.

    0 where all are equal, (n - 1)/n where one has all. TokEval's "tokenizer fairness Gini". NaN of
    no values, or if their sum is 0. `ConfigError` for a value below 0.

    >>> gini([3, 3, 3]), gini([0, 0, 0, 8]), round(gini([1, 2, 3]), 4)
    (0.0, 0.75, 0.2222)
    """
    ordered = sorted(values)
    total = math.fsum(ordered)
    if ordered and not (ordered[0] >= 0 and math.isfinite(total)):
        raise ConfigError("gini: expected finite numbers from 0 on", parameter="values")
    if not total:
        return math.nan
    count = len(ordered)
    # The double sum in sorted order: the value of rank i is above i - 1 values, below n - i.
    ranked = math.fsum((2 * rank - count - 1) * value for rank, value in enumerate(ordered, 1))
    return ranked / (count * total)


def spread(values: Iterable[float]) -> float:
    """The highest over the lowest; NaN of no values or where the lowest is 0.

    >>> spread([2.0, 3.0, 4.0])
    2.0
    """
    known = list(values)
    return max(known) / min(known) if known and min(known) > 0 else math.nan


def premiums(costs: Mapping[str, float], reference: str) -> dict[str, float]:
    """The cost of each language over that of the reference: what its users pay more.

    >>> premiums({"en": 0.25, "ru": 0.5}, "en")
    {'en': 1.0, 'ru': 2.0}
    """
    if not costs.get(reference):
        raise ConfigError(f"premium: no cost of {reference!r} to compare with", parameter="premium")
    return {language: cost / costs[reference] for language, cost in costs.items()}


def temperature_weights(sizes: Mapping[str, int], temperature: float) -> dict[str, float]:
    """A factor for the counts of each language, so that its share is that of size^(1/T).

    The factor is size^(1/T - 1), scaled so that the weighted sizes add up to the sizes: T = 1 is
    natural, T = infinity gives all languages the same share. Sizes are bytes of text; a language
    without any has the factor 1. (The exponent of XLM-R, arXiv 1911.02116, is 1/T.)

    >>> temperature_weights({"en": 900, "ru": 100}, 2)
    {'en': 0.8333333333333334, 'ru': 2.5}
    >>> temperature_weights({"en": 900, "ru": 100}, float("inf"))
    {'en': 0.5555555555555556, 'ru': 5.0}
    """
    if not temperature >= 1:
        raise ConfigError(
            f"temperature: {temperature} is not valid: a number from 1 on, or inf",
            parameter="temperature",
        )
    largest = max(sizes.values(), default=0)
    power = 1 / temperature
    shares = {name: (size / largest) ** power for name, size in sizes.items() if size}
    scale = math.fsum(sizes[name] for name in shares) / math.fsum(shares.values()) if shares else 1
    return {
        name: shares[name] * scale / size if name in shares else 1.0 for name, size in sizes.items()
    }
