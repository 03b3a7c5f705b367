"""Parallel text: lines that say the same in several languages, and how much each language has.

A file is JSONL with the fields `language`, `line` and `text`, or TSV with these three columns and
a header. Lines with one id say the same; `text` may be a sentence, a paragraph or a whole page. The
content of a language is the bytes that its lines have in the reference language, so that languages
which lack a few lines can be compared all the same.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

FIELDS: Final = ("language", "line", "text")
ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class ParallelText:
    """Lines by id and language, and the language that the others are compared with."""

    lines: Mapping[str, Mapping[str, str]]
    reference: str

    @staticmethod
    def of(rows: Iterable[tuple[str, str, str]], *, reference: str | None = None) -> ParallelText:
        """Take (language, line id, text); the reference is English, or who has the most lines.

        >>> rows = [("en", "1", "Good day"), ("de", "1", "Guten Tag"), ("en", "2", "Yes")]
        >>> text = ParallelText.of(rows)
        >>> text.languages, text.content("de"), text.texts("de")
        (('de', 'en'), 8, ['Guten Tag'])
        """
        lines: dict[str, dict[str, str]] = {}
        for language, line, text in rows:
            by_language = lines.setdefault(line, {})
            if language in by_language:
                raise ConfigError(f"parallel text: line {line!r} is there twice in {language!r}")
            by_language[language] = text
        counts = Counter(language for texts in lines.values() for language in texts)
        if not counts:
            raise ConfigError("parallel text: holds no lines")
        most = min(counts, key=lambda language: (language != ENGLISH, -counts[language], language))
        chosen = reference or most
        shared = {line: texts for line, texts in sorted(lines.items()) if chosen in texts}
        apart = sorted(set(counts) - {name for texts in shared.values() for name in texts})
        if apart:
            raise ConfigError(
                f"parallel text: {', '.join(apart)}: no line is also there in {chosen!r}, with "
                "which languages are compared",
                parameter="reference",
            )
        return ParallelText(shared, chosen)

    @staticmethod
    def read(paths: Iterable[str | Path], *, reference: str | None = None) -> ParallelText:
        """Read files; `InputError` names the record that is not of the form said above."""
        rows = (row for path in paths for row in _rows(Path(path)))
        return ParallelText.of(rows, reference=reference)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages by name."""
        return tuple(sorted({name for texts in self.lines.values() for name in texts}))

    def texts(self, language: str) -> list[str]:
        """The lines of a language, in the order of their ids."""
        return [texts[language] for texts in self.lines.values() if language in texts]

    def content(self, language: str) -> int:
        """Bytes of the same lines in the reference language, at least 1."""
        shared = (texts for texts in self.lines.values() if language in texts)
        return max(1, sum(len(texts[self.reference].encode()) for texts in shared))


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    lines = path.read_bytes().splitlines()
    read: Callable[[bytes], Any] = json.loads
    if path.suffix == ".tsv":
        columns = lines.pop(0).split(b"\t") if lines else []
        read = functools.partial(_cells, [name.decode(errors="replace") for name in columns])
    for number, line in enumerate(lines, 1):
        try:
            yield _row(read(line))
        except ValueError as error:
            message = f"{path}: record {number}: {error}"
            raise InputError(message, path=path, record=number) from None


def _cells(columns: list[str], line: bytes) -> dict[str, str]:
    return dict(zip(columns, line.decode().split("\t"), strict=False))


def _row(record: object) -> tuple[str, str, str]:
    fields = record if isinstance(record, dict) else {}
    language, line, text = (_words(fields, name) for name in FIELDS)
    return language, line, text


def _words(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if name == "line" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not (isinstance(value, str) and value):
        raise ValueError(f"{name} is missing or empty, expected a string")
    return value
