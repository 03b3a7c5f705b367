"""Labelled junk: what repairs, language and rules make of texts that tell their fault."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, recipe
from gamayun_data.cleaning import SEGMENTS, segments_of
from gamayun_data.errors import ConfigError
from gamayun_data.steps import Limits, core_rules, heard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gamayun_data.progress import Progress

CLEAN: Final = "clean"
"""The kind of good text."""

REPAIRS: Final = ("encoding", "markup", "invisible", "homoglyphs", "hyphens", "spaced")
"""The repairs, by name."""

THRESHOLD: Final = 0.3
"""The least probability of a language that is trusted."""

LABELLED: Final = "labelled"
"""Stands for a language model: texts have the language that they are labelled with."""


@dataclass(frozen=True, slots=True)
class NoiseExample:
    """Junk that passed (no reason), or good text that was dropped, and how it begins."""

    id: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class NoiseCell:
    """What became of the texts of one kind and language.

    `repaired` are texts that repairs changed and that are again what they were: equal to the text
    before, or at least 0.98 alike; and texts labelled with several languages, without the
    paragraphs of others. `passed` are all others that are kept.
    """

    kind: str
    language: str
    documents: int
    dropped: int
    repaired: int
    passed: int
    reasons: tuple[tuple[str, int], ...]
    examples: tuple[NoiseExample, ...]

    @property
    def good(self) -> int:
        """Texts that fared as they should: junk dropped or repaired, good text kept."""
        return self.documents - (self.dropped if self.kind == CLEAN else self.passed)


@dataclass(frozen=True, slots=True)
class NoiseTrial:
    """Labelled texts tried: a cell for each kind and language, in order."""

    rules: str
    cells: tuple[NoiseCell, ...]
    seconds: float

    def kinds(self) -> tuple[NoiseCell, ...]:
        """The cells of all languages added up, one for each kind, without examples."""
        names = dict.fromkeys(cell.kind for cell in self.cells)
        return tuple(_added(name, [c for c in self.cells if c.kind == name]) for name in names)


def try_noise(
    rules: str | Path | None,
    files: Sequence[str | Path],
    *,
    langs: Sequence[str] = (),
    lid_model: str | Path | None = None,
    threshold: float = THRESHOLD,
    repairs: Sequence[str] = REPAIRS,
    segments: Sequence[str] = ("foreign", "mixed"),
    examples: int = 2,
    threads: int | None = None,
    progress: Progress | None = None,
) -> NoiseTrial:
    """Try labelled junk: repair it, tell its language and those of its paragraphs, judge it.

    Records say their `kind` (`clean` is good text), their `lang` (`en+ru`: text of both) and, where
    it is known, the text before it was broken, `clean`. `rules` are those of a source: the name of
    a profile, a path, `language+junk`; without, the profile of each language. `lid_model` is a
    file, a bundled one by its name, or `labelled`, without paragraphs; `langs` are wanted: without,
    the languages of the good texts. With `foreign` of `segments` foreign paragraphs go, with
    `mixed` documents of several languages.
    """
    if not 0 <= threshold <= 1:
        raise ConfigError(f"threshold: {threshold}, expected 0 to 1", parameter="threshold")
    asked = segments_of(SEGMENTS(list(segments), "segments"))
    started = time.perf_counter()
    answer = _core.try_noise(
        [str(path) for path in files],
        rules=core_rules(None if rules is None else str(rules)),
        repairs=list(repairs),
        paragraphs=asked.params(),
        drop_mixed=asked.mixed == "drop",
        lid_model=None if str(lid_model) == LABELLED else recipe.model_path(lid_model),
        threshold=threshold,
        languages=list(langs),
        examples=examples,
        threads=Limits.of(threads, None).threads,
        on_progress=heard(progress, "try"),
    )
    name = "the profile of each language" if rules is None else str(rules)
    cells = tuple(_cell(**row) for row in json.loads(answer))
    return NoiseTrial(name, cells, round(time.perf_counter() - started, 3))


def _cell(reasons: list[list[Any]], examples: list[dict[str, str]], **counts: Any) -> NoiseCell:  # noqa: ANN401
    told = tuple(NoiseExample(**one) for one in examples)
    return NoiseCell(reasons=tuple((str(r), int(n)) for r, n in reasons), examples=told, **counts)


def _added(kind: str, cells: Sequence[NoiseCell]) -> NoiseCell:
    reasons: dict[str, int] = {}
    for reason, count in (one for cell in cells for one in cell.reasons):
        reasons[reason] = reasons.get(reason, 0) + count
    return NoiseCell(
        kind=kind,
        language="",
        documents=sum(cell.documents for cell in cells),
        dropped=sum(cell.dropped for cell in cells),
        repaired=sum(cell.repaired for cell in cells),
        passed=sum(cell.passed for cell in cells),
        reasons=tuple(sorted(reasons.items(), key=lambda one: (-one[1], one[0]))),
        examples=(),
    )
