"""What became of every document of a run: a row each.

The rows are read from the row-aligned tables of the run, part by part; where they must be ordered
by DocId they are first dealt into buckets on disk, so that memory holds a bucket at a time.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gamayun_data.errors import ConfigError
from gamayun_data.receipts import read_receipt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from gamayun_data.progress import Progress

BUCKET_DOCUMENTS: Final = 4_000_000
"""Rows of a bucket, about 200 bytes each in memory."""


def parts(run: Path) -> list[str]:
    """The names of the parts of a run that is curated."""
    if read_receipt(run, "select") is None:
        raise ConfigError(f"{run}: nothing is curated there; run `gamayun-data curate` first")
    return sorted(path.name for path in (run / "dedup").glob("part-*.parquet"))


def rows(run: Path, part: str) -> pl.DataFrame:
    """The verdicts on the documents of a part, in its order.

    `verdict` is kept, changed (kept, but for some of its text) or dropped; `step`, `reason`,
    `measurement`, `value` and `threshold` tell by what. For a duplicate `value` is the similarity
    to the document that is kept, for a change the bytes of text removed: by levels (`passages`), or
    else before anything was judged (`clean`).
    """
    import polars as pl

    tables = [
        _scan(run, "dedup", part, "doc_id", "kept_id", "measure", "similarity"),
        _scan(run, "annotations", part, "content_hash", "language", "text_bytes"),
        _scan(
            run, "decisions", part, "passed", "step", "reason", "measurement", "value", "threshold"
        ),
        _scan(run, "documents", part, "id", "source"),
        _contamination(run, part),
        _edits(run, part),
        _cleaning(run, part),
    ]
    dealt = pl.concat([table.collect() for table in tables if table is not None], how="horizontal")
    absent = {"contaminated": pl.Boolean, "benchmark": pl.String, "score": pl.Float64}
    absent |= {"short": pl.Boolean, "cut": pl.UInt64, "levels": pl.String}
    absent |= {"cleaned": pl.UInt64, "kinds": pl.String}
    dealt = dealt.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in absent.items() if name not in dealt.columns
    )
    return _judged(dealt)


def _scan(run: Path, table: str, part: str, *columns: str) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_parquet(run / table / part).select(columns)


def _contamination(run: Path, part: str) -> pl.LazyFrame | None:
    import polars as pl

    if not (run / "contamination").is_dir():
        return None
    found = _scan(run, "contamination", part, "dropped", "benchmark", "score")
    return found.select(pl.col("dropped").alias("contaminated"), "benchmark", "score")


def _edits(run: Path, part: str) -> pl.LazyFrame | None:
    """What levels cut from the documents of a part: bytes, and the levels that did."""
    import polars as pl

    if not (run / "edits").is_dir():
        return None
    spans = pl.col("spans").list.eval(
        pl.element().struct.field("end") - pl.element().struct.field("start")
    )
    levels = pl.col("spans").list.eval(pl.element().struct.field("level")).list.unique().list.sort()
    return _scan(run, "edits", part, "spans", "dropped").select(
        pl.col("dropped").alias("short"), cut=spans.list.sum(), levels=levels.list.join("+")
    )


def _cleaning(run: Path, part: str) -> pl.LazyFrame | None:
    """What was changed in texts before they were judged: bytes that stood there, and the kinds."""
    import polars as pl

    if not (run / "cleaning").is_dir():
        return None
    change = pl.element().struct
    bytes_of = pl.col("changes").list.eval(change.field("bytes_before"))
    kinds = pl.col("changes").list.eval(change.field("kind")).list.unique().list.sort()
    return _scan(run, "cleaning", part, "changes").select(
        cleaned=pl.when(pl.col("changes").list.len() > 0).then(bytes_of.list.sum()),
        kinds=kinds.list.join("+"),
    )


def _judged(dealt: pl.DataFrame) -> pl.DataFrame:
    """One verdict a row: the first step that dropped the document decides."""
    import polars as pl

    col = pl.col
    rules, contaminated = ~col("passed"), col("contaminated").fill_null(value=False)
    duplicate, short = col("kept_id").is_not_null(), col("short").fill_null(value=False)
    cut, cleaned = col("cut").fill_null(0) > 0, col("cleaned").is_not_null()

    def first(*values: pl.Expr) -> pl.Expr:
        told: pl.Expr = pl.lit(None)
        happened = (rules, contaminated, duplicate, short, cut, cleaned)
        for condition, value in reversed(list(zip(happened, values, strict=True))):
            told = pl.when(condition).then(value).otherwise(told)
        return told

    word, number = pl.lit(None, pl.String), pl.lit(None, pl.Float64)
    dropped = pl.lit("dropped")
    return dealt.select(
        col("doc_id").cast(pl.Binary),
        "id",
        "source",
        "language",
        "text_bytes",
        verdict=first(*[dropped] * 4, *[pl.lit("changed")] * 2).fill_null("kept"),
        step=first(
            col("step"),
            pl.lit("decontamination"),
            pl.lit("dedup"),
            *[pl.lit("passages")] * 2,
            pl.lit("clean"),
        ),
        reason=first(
            col("reason"),
            col("benchmark"),
            col("measure"),
            pl.lit("too_short"),
            col("levels"),
            col("kinds"),
        ),
        measurement=first(col("measurement"), *[word] * 5),
        value=first(
            col("value"),
            col("score"),
            col("similarity"),
            number,
            *[col(one).cast(pl.Float64) for one in ("cut", "cleaned")],
        ),
        threshold=first(col("threshold"), *[number] * 5),
        kept_id=pl.when(~rules & ~contaminated).then(col("kept_id").cast(pl.Binary)),
        content_hash=col("content_hash").cast(pl.Binary),
    )


def buckets_for(documents: int) -> int:
    """Into how many buckets so many documents are dealt."""
    return max(1, -(-documents // BUCKET_DOCUMENTS))


def dealt(
    run: Path, count: int, scratch: Path, progress: Progress | None = None
) -> Iterator[pl.DataFrame]:
    """The verdicts on all documents in `count` frames, each ordered by DocId, one after the other.

    The frames lie in `scratch` meanwhile, a folder of their own, which is removed at the end.
    """
    if scratch.exists():
        shutil.rmtree(scratch)
    scratch.mkdir(parents=True)
    try:
        yield from _dealt(run, count, scratch, progress)
    finally:
        shutil.rmtree(scratch)


def _dealt(
    run: Path, count: int, scratch: Path, progress: Progress | None
) -> Iterator[pl.DataFrame]:
    import polars as pl

    names, documents = parts(run), 0
    for done, part in enumerate(names):
        frame = rows(run, part)
        documents += frame.height
        # The first 16 bits of an id say its bucket, so that buckets follow one another in order.
        head = pl.col("doc_id").bin.slice(0, 2).bin.encode("hex").str.to_integer(base=16)
        frame = frame.with_columns(bucket=head * count // 0x1_0000)
        for (bucket,), mine in frame.partition_by("bucket", as_dict=True).items():
            mine.drop("bucket").write_parquet(scratch / f"{bucket:05}-{part}")
        if progress is not None:
            progress("verdicts", done + 1, len(names), documents, 0)
    empty = rows(run, names[0]).clear() if names else None
    for bucket in range(count):
        files = sorted(scratch.glob(f"{bucket:05}-*"))
        if files:
            yield pl.concat([pl.read_parquet(file) for file in files]).sort("doc_id")
        elif empty is not None:
            yield empty


@dataclass(frozen=True, slots=True)
class VerdictRows:
    """A table of verdicts that was written: its folder, files, and documents by verdict."""

    path: str
    files: int
    verdicts: Mapping[str, int]


def save_verdicts(
    run: str | Path,
    output: str | Path,
    *,
    everything: bool = False,
    progress: Progress | None = None,
) -> VerdictRows:
    """Write a row for each document of `run` that was dropped or changed: Parquet, by DocId.

    With `everything` for each one that was kept as it is, too. `output` is a new folder.
    """
    import polars as pl

    run, output = Path(run), Path(output)
    if output.exists() and any(output.iterdir()):
        raise ConfigError(f"{output}: not empty; name a new folder")
    output.mkdir(parents=True, exist_ok=True)
    count, verdicts = buckets_for(documents_of(run)), Counter[str]()
    frames = dealt(run, count, output / "scratch", progress)
    for bucket, frame in enumerate(frames):
        told = frame if everything else frame.filter(pl.col("verdict") != "kept")
        verdicts.update(dict(told["verdict"].value_counts().iter_rows()))
        written = told.drop("content_hash").with_columns(
            pl.col("doc_id", "kept_id").bin.encode("hex")
        )
        target = output / f"part-{bucket:05}.parquet"
        written.write_parquet(target.with_suffix(".tmp"))
        target.with_suffix(".tmp").replace(target)
    return VerdictRows(str(output), count, dict(sorted(verdicts.items())))


def documents_of(run: Path) -> int:
    """How many documents a curated run has."""
    receipt = read_receipt(run, "annotate")
    return int(receipt.counts["documents"]) if receipt else 0
