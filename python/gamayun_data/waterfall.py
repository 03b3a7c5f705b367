"""How many documents of each language are left after each step of a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from gamayun_data.progress import Progress

EARLY: Final = ("clean", "language", "segments", "gopher_repetition")
LATE: Final = ("quality", "decontamination", "dedup", "passages")
"""The first and the last steps that can drop a document; the other rules lie between, by name."""


@dataclass(frozen=True, slots=True)
class Fall:
    """What one reason took from a language; `left` is what is there after it, in document order."""

    step: str
    reason: str
    documents: int
    bytes: int
    documents_left: int
    bytes_left: int


@dataclass(frozen=True, slots=True)
class LanguageFall:
    """The way of a language's documents: read, less those of each reason in turn, kept."""

    language: str
    documents: int
    bytes: int
    falls: tuple[Fall, ...]

    @property
    def kept(self) -> int:
        """Documents left at the end."""
        return self.falls[-1].documents_left if self.falls else self.documents

    def fates(self) -> dict[str, int]:
        """Documents kept, and taken by each step."""
        fates = Counter({"kept": self.kept})
        for fall in self.falls:
            fates[fall.step] += fall.documents
        return dict(fates)

    def left(self) -> dict[str, int]:
        """Documents left after each step that took any."""
        return {fall.step: fall.documents_left for fall in self.falls}


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Documents and bytes of text after each step, by language; `other` are those not asked for."""

    run: str
    languages: tuple[LanguageFall, ...]

    @property
    def steps(self) -> list[str]:
        """The steps that took documents, in their order."""
        return sorted(
            {fall.step for one in self.languages for fall in one.falls},
            key=lambda step: _place((step, "")),
        )


def retention_waterfall(run: str | Path, *, progress: Progress | None = None) -> Waterfall:
    """Count from the rows what each step took of each language, in the order of the steps."""
    run = Path(run)
    read, taken = Counter[tuple[str, str]](), Counter[tuple[str, str, str, str]]()
    names, documents = verdicts.parts(run), 0
    for done, part in enumerate(names):
        for row in _grouped(verdicts.rows(run, part)):
            language, verdict, step, reason, count, size = row
            read.update({(language, "documents"): count, (language, "bytes"): size})
            documents += count
            if verdict == "dropped":
                one = (language, step or "", reason or "")
                taken.update({(*one, "documents"): count, (*one, "bytes"): size})
        if progress is not None:
            progress("verdicts", done + 1, len(names), documents, 0)
    languages = {language for language, _ in read}
    order = sorted(languages, key=lambda one: (-read[one, "documents"], one))
    return Waterfall(str(run), tuple(_fall(one, read, taken) for one in order))


def _grouped(frame: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    import polars as pl

    keys = ["language", "verdict", "step", "reason"]
    unwanted = (pl.col("reason") == "language_not_wanted").fill_null(value=False)
    language = pl.when(unwanted).then(pl.lit("other")).otherwise("language")
    frame = frame.with_columns(language=language)
    sums = [pl.len().alias("documents"), pl.col("text_bytes").sum()]
    return frame.group_by(keys).agg(sums).iter_rows()


def _fall(
    language: str,
    read: Mapping[tuple[str, str], int],
    taken: Mapping[tuple[str, str, str, str], int],
) -> LanguageFall:
    mine = {(step, reason) for one, step, reason, _ in taken if one == language}
    documents, size = read[language, "documents"], read[language, "bytes"]
    falls = []
    for step, reason in sorted(mine, key=_place):
        lost = taken[language, step, reason, "documents"]
        lost_bytes = taken[language, step, reason, "bytes"]
        documents, size = documents - lost, size - lost_bytes
        falls.append(Fall(step, reason, lost, lost_bytes, documents, size))
    whole = read[language, "documents"], read[language, "bytes"]
    return LanguageFall(language, *whole, tuple(falls))


def _place(step_and_reason: Sequence[str]) -> tuple[int, str, str]:
    """Where a step stands among the others: those of profiles in the middle, by name."""
    step, reason = step_and_reason
    if step in EARLY:
        return EARLY.index(step), step, reason
    if step in LATE:
        return len(EARLY) + 1 + LATE.index(step), step, reason
    return len(EARLY), step, reason
