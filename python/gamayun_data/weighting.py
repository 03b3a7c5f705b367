"""Weightings: ways of letting languages count in training, as a user writes them.

`natural`, `equal`, `T=2`, factors such as `ru=2`, and the forms of parity (`parity`, `window`,
`hybrid=32k`); several are joined by `+`: `T=2+hybrid=32k` begins with classic training at that
temperature and ends with parity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gamayun_data.errors import ConfigError
from gamayun_data.fairness import temperature_weights
from gamayun_data.units import parse_count

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOW: Final = 100
"""Turns that the window form looks back on, unless said."""


@dataclass(frozen=True, slots=True)
class Weighting:
    """A way of training: the weights of the classic part, and whether parity comes after it."""

    name: str
    temperature: float = 1.0
    factors: Mapping[str, float] = field(default_factory=dict)
    parity: bool = False
    hybrid: int = 0
    window: int | None = None

    def weights(self, sizes: Mapping[str, int]) -> dict[str, float]:
        """The factor of each language's counts, given its bytes; none if all count as they are."""
        unknown = sorted(set(self.factors) - set(sizes))
        if unknown:
            raise ConfigError(
                f"weights: {self.name}: nothing was counted in {', '.join(unknown)}",
                parameter="weights",
            )
        if self.temperature == 1 and not self.factors:
            return {}
        return {
            language: factor * self.factors.get(language, 1.0)
            for language, factor in temperature_weights(sizes, self.temperature).items()
        }


def parse_weighting(text: str) -> Weighting:
    """Read one weighting.

    >>> parse_weighting("T=2+ru=1.5")
    Weighting(name='T=2+ru=1.5', temperature=2.0, factors={'ru': 1.5}, parity=False, ...)
    >>> parse_weighting("window+hybrid=32k").hybrid
    32000
    """
    temperature, hybrid, window, parity = 1.0, 0, None, False
    factors: dict[str, float] = {}
    for part in text.split("+"):
        name, equals, value = part.strip().partition("=")
        if part.strip() in {"natural", "parity"}:
            parity |= name == "parity"
        elif part.strip() == "equal":
            temperature = math.inf
        elif name == "T" and equals:
            temperature = _number(part, value)
        elif name == "window":
            window = parse_count(value, "window") if equals else WINDOW
            parity = True
        elif name == "hybrid" and equals:
            hybrid = parse_count(value, "hybrid")
            parity = True
        elif name and equals:
            factors[name] = _number(part, value)
        else:
            raise _bad(part)
    temperature_weights({}, temperature)  # refuses one out of range
    return Weighting(text.strip(), temperature, factors, parity, hybrid, window)


def is_classic(text: str) -> bool:
    """Whether a text is a weighting without parity.

    >>> is_classic("T=2"), is_classic("parity"), is_classic("T=half")
    (True, False, False)
    """
    try:
        return not parse_weighting(text).parity
    except ConfigError:
        return False


def _number(part: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise _bad(part) from None
    if math.isnan(number) or number < 0:
        raise _bad(part)
    return number


def _bad(part: str) -> ConfigError:
    return ConfigError(
        f"weights: expected natural, equal, T=2, ru=1.5, parity, window or hybrid=32k, found "
        f"{part.strip()!r}",
        parameter="weights",
    )
