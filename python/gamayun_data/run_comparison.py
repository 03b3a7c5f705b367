"""Two runs side by side: which documents changed verdict, and why."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import verdicts
from gamayun_data.errors import ConfigError
from gamayun_data.receipts import read_receipt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from gamayun_data.progress import Progress

EXAMPLES: Final = 3
"""Documents that are named for each transition."""
WHY: Final = ("absent", "text", "language", "duplicates", "settings")
"""Why a verdict can differ, the first that holds: the document is in one run only, its text or its
language differs, it is a duplicate in one of the runs, or thresholds, rules or models differ."""


@dataclass(frozen=True, slots=True)
class Transition:
    """Documents with one verdict in one run and another in the other; `bytes` of their text.

    A verdict is `kept`, `absent`, or the step and reason that dropped or changed the document.
    """

    language: str
    before: str
    after: str
    why: str
    documents: int
    bytes: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LanguageKept:
    """Documents of a language kept (also those of which text was cut) in both runs."""

    language: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting, or a threshold that came from the data, that differs; `None` where it is not."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class RunComparison:
    """What differs between two runs; `same` documents have the same verdict for the same reason."""

    before: str
    after: str
    both: int
    only_before: int
    only_after: int
    same: int
    languages: tuple[LanguageKept, ...]
    transitions: tuple[Transition, ...]
    settings: tuple[Setting, ...]
    path: str | None = None

    @property
    def changed(self) -> int:
        """Documents of either run with another verdict, or none, in the other."""
        return self.both + self.only_before + self.only_after - self.same


def compare_runs(
    before: str | Path,
    after: str | Path,
    *,
    output: str | Path | None = None,
    progress: Progress | None = None,
) -> RunComparison:
    """Compare the verdicts of two curated runs, document by document, by DocId.

    With `output`, a new folder, a row for each document whose verdict differs is written there:
    the verdicts of both runs and why they differ. A DocId comes from the name of the source and
    the user's id, or the text: it is the same in two runs over the same sources.
    """
    before, after = Path(before), Path(after)
    found = _Found()
    if output is None:
        with TemporaryDirectory(prefix="compare-") as scratch:
            _compare(before, after, Path(scratch), None, found, progress)
    else:
        output = Path(output)
        if output.exists() and any(output.iterdir()):
            raise ConfigError(f"{output}: not empty; name a new folder")
        output.mkdir(parents=True, exist_ok=True)
        _compare(before, after, output / "scratch", output, found, progress)
    return found.result(before, after, output)


def _compare(
    before: Path,
    after: Path,
    scratch: Path,
    output: Path | None,
    found: _Found,
    progress: Progress | None,
) -> None:
    count = verdicts.buckets_for(max(map(verdicts.documents_of, (before, after))))
    sides = [
        verdicts.dealt(run, count, scratch / name, progress)
        for run, name in ((before, "before"), (after, "after"))
    ]
    for bucket, (old, new) in enumerate(zip(*sides, strict=True)):
        joined = _joined(old, new)
        changed = found.add(joined)
        if output is not None:
            target = output / f"part-{bucket:05}.parquet"
            changed.write_parquet(target.with_suffix(".tmp"))
            target.with_suffix(".tmp").replace(target)
    if scratch.exists():
        scratch.rmdir()


COLUMNS: Final = ("verdict", "step", "reason", "measurement", "value", "threshold", "kept_id")


def _joined(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """The documents of both, ordered by DocId, with why their verdicts differ, if they do."""
    import polars as pl

    col = pl.col
    both = old.join(new, on="doc_id", how="full", coalesce=True, suffix="_after").sort("doc_id")
    absent = col("verdict").is_null() | col("verdict_after").is_null()
    same = ~absent & (_told("") == _told("_after"))
    copied = (col("step") == "dedup").fill_null(value=False) | (
        col("step_after") == "dedup"
    ).fill_null(value=False)
    why = (
        pl.when(absent)
        .then(pl.lit("absent"))
        .when(col("content_hash") != col("content_hash_after"))
        .then(pl.lit("text"))
        .when(col("language") != col("language_after"))
        .then(pl.lit("language"))
        .when(copied)
        .then(pl.lit("duplicates"))
        .otherwise(pl.lit("settings"))
    )
    return both.with_columns(before=_told(""), after=_told("_after"), why=pl.when(~same).then(why))


def _told(suffix: str) -> pl.Expr:
    """A verdict in a word: kept, absent, or step and reason."""
    import polars as pl

    verdict = pl.col(f"verdict{suffix}")
    told = pl.concat_str([f"step{suffix}", f"reason{suffix}"], separator="/", ignore_nulls=True)
    return (
        pl.when(verdict.is_null())
        .then(pl.lit("absent"))
        .when(verdict == "kept")
        .then(verdict)
        .otherwise(told)
    )


class _Found:
    """What differs, added up bucket by bucket."""

    def __init__(self) -> None:
        self.counts = Counter[str]()
        self.kept = Counter[tuple[str, str]]()
        self.moves: dict[tuple[str, str, str, str], list[Any]] = {}

    def add(self, joined: pl.DataFrame) -> pl.DataFrame:
        """Count the documents of a bucket; gives those that changed, as they are written."""
        import polars as pl

        col = pl.col
        absent, absent_after = (col(name) == "absent" for name in ("before", "after"))
        counts = joined.select(
            only_before=absent_after.sum(),
            only_after=absent.sum(),
            both=(~absent & ~absent_after).sum(),
            same=col("why").is_null().sum(),
        )
        self.counts.update(counts.row(0, named=True))
        for side, suffix in (("before", ""), ("after", "_after")):
            kept = joined.filter(col(f"verdict{suffix}").is_in(["kept", "changed"]))
            for language, number in kept[f"language{suffix}"].value_counts().iter_rows():
                self.kept[language, side] += number
        changed = joined.filter(col("why").is_not_null()).with_columns(
            name=pl.coalesce("id", "id_after", col("doc_id").bin.encode("hex")),
            of=pl.coalesce("language", "language_after"),
            bytes=pl.coalesce("text_bytes", "text_bytes_after"),
        )
        self._move(changed)
        return _written(changed)

    def _move(self, changed: pl.DataFrame) -> None:
        import polars as pl

        keys = ["of", "before", "after", "why"]
        grouped = changed.group_by(keys).agg(
            pl.len().alias("documents"), pl.col("bytes").sum(), pl.col("name").head(EXAMPLES)
        )
        for *key, documents, size, names in grouped.iter_rows():
            move = self.moves.setdefault(tuple(key), [0, 0, []])
            move[0] += documents
            move[1] += size
            move[2] = [*move[2], *names][:EXAMPLES]

    def result(self, before: Path, after: Path, output: str | Path | None) -> RunComparison:
        """All of it, the largest transitions first."""
        moves = [
            Transition(*key, documents=move[0], bytes=move[1], examples=tuple(move[2]))
            for key, move in self.moves.items()
        ]
        moves.sort(key=lambda m: (-m.documents, m.language, m.before, m.after, m.why))
        languages = sorted({language for language, _ in self.kept})
        return RunComparison(
            before=str(before),
            after=str(after),
            both=self.counts["both"],
            only_before=self.counts["only_before"],
            only_after=self.counts["only_after"],
            same=self.counts["same"],
            languages=tuple(
                LanguageKept(one, self.kept[one, "before"], self.kept[one, "after"])
                for one in languages
            ),
            transitions=tuple(moves),
            settings=tuple(_differing(before, after)),
            path=None if output is None else str(output),
        )


def _written(changed: pl.DataFrame) -> pl.DataFrame:
    """The columns of a changed document as they are written."""
    import polars as pl

    def side(suffix: str, name: str) -> list[pl.Expr]:
        columns = [pl.col(f"{one}{suffix}").alias(f"{one}_{name}") for one in COLUMNS[:-1]]
        kept = pl.col(f"kept_id{suffix}").bin.encode("hex").alias(f"kept_id_{name}")
        return [pl.col(f"language{suffix}").alias(f"language_{name}"), *columns, kept]

    return changed.select(
        pl.col("doc_id").bin.encode("hex"),
        pl.coalesce("id", "id_after").alias("id"),
        pl.coalesce("source", "source_after").alias("source"),
        "bytes",
        "why",
        *side("", "before"),
        *side("_after", "after"),
    )


# --- settings ---------------------------------------------------------------------------------


def _differing(before: Path, after: Path) -> Iterator[Setting]:
    """The settings of two runs that differ, and the thresholds that the data gave."""
    old, new = (dict(_settings(run)) for run in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield Setting(name, old.get(name), new.get(name))


def _settings(run: Path) -> Iterator[tuple[str, Any]]:
    path = run / "run.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: missing; is this a run?") from error
    yield from _flat("tool", record["tool"])
    yield from _flat("", record["curation"])
    decided = read_receipt(run, "decide")
    for language, found in (decided.counts["thresholds"] if decided else {}).items():
        yield f"language threshold of {language}", found["threshold"]


def _flat(name: str, value: object) -> Iterator[tuple[str, Any]]:
    """A nested value as names with dots; tables in a list go by their names."""
    if isinstance(value, dict):
        yield from _flat_table(name, value)
    elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        for number, one in enumerate(value):
            yield from _flat_table(f"{name}.{one.get('name', number)}", one)
    else:
        yield name, value


def _flat_table(name: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, one in table.items():
        yield from _flat(f"{name}.{key}" if name else key, one)
