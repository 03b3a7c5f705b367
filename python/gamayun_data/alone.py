"""Deduplication alone: the recipe without languages and rules that does the levels asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from gamayun_data.errors import ConfigError

if TYPE_CHECKING:
    from gamayun_data.recipe import Recipe

Level: TypeAlias = Literal["exact", "near", "paragraph", "line", "substring"]
LEVELS: Final[tuple[Level, ...]] = ("exact", "near", "paragraph", "line", "substring")
"""The levels, in the order in which they are done."""

USUAL_PARAGRAPHS: Final = 5
USUAL_LINES: Final = 20
USUAL_MIN_BYTES: Final = 200
UNDETERMINED: Final = "und"
"""The language of all documents, as BCP 47 says it."""


def recipe(asked: Recipe, levels: Sequence[Level] = ("near",)) -> Recipe:
    """The recipe without language scores and rules, and with these levels alone.

    Near-duplicates are looked for among equal texts too, so `near` does what `exact` does. What
    `asked` says of a level is kept, and refused if the level is not wanted.
    """
    unknown = [level for level in levels if level not in LEVELS]
    if unknown or not levels:
        raise ConfigError(f"levels: expected some of {', '.join(LEVELS)}; found {list(levels)}")
    wanted = set(levels)
    passages, substrings = asked.passages, asked.substrings
    return replace(
        asked,
        languages=(UNDETERMINED,),
        sources=tuple(
            replace(source, language=UNDETERMINED, rules="none") for source in asked.sources
        ),
        dedup=replace(asked.dedup, compare=_compare(wanted)),
        passages=replace(
            passages,
            paragraphs=_limit(wanted, "paragraph", "paragraphs", passages.paragraphs),
            lines=_limit(wanted, "line", "lines", passages.lines),
        ),
        substrings=replace(
            substrings,
            min_bytes=_limit(wanted, "substring", "min_bytes", substrings.min_bytes),
        ),
    )


def _compare(wanted: set[Level]) -> str:
    return next((level for level in ("near", "exact") if level in wanted), "none")


_USUAL: Final = {
    "paragraphs": USUAL_PARAGRAPHS,
    "lines": USUAL_LINES,
    "min_bytes": USUAL_MIN_BYTES,
}


def _limit(wanted: set[Level], level: Level, option: str, said: int) -> int:
    """The limit of a level: what was said, or the usual one; 0 without the level."""
    if level in wanted:
        return said or _USUAL[option]
    if said:
        raise ConfigError(f"{option}: is of the level {level}, which is not asked for")
    return 0
