"""What was removed, with its evidence, as files of their own: documents, and spans of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

NAME: Final = "removed.parquet"
SPANS: Final = "removed_spans.parquet"


def write(run: Path) -> Path:
    """Write `RUN/removed.parquet`: every duplicate, the document kept for it, and the proof.

    Columns: `doc_id` and `kept_doc_id` (32 hexadecimal digits); `source`, `id`, `input` and
    `record` of the removed document and `kept_source`, `kept_id` of the kept one (`id` is the
    user's, null if there was none); `measure` (`exact`, `jaccard` or `containment`), `similarity`,
    and `cluster_size`. A run that was compared with earlier ones has `kept_from`, the one
    that the kept document is of, null for its own. Ordered by `doc_id`.
    """
    parts = sorted((run / "dedup").glob("part-*.parquet"))
    tables = [_part(run, path.stem) for path in parts]
    return _written(tables, ["doc_id"], run / NAME, "doc_id", "kept_doc_id")


def write_spans(run: Path) -> Path | None:
    """Write `RUN/removed_spans.parquet`: what levels cut out of documents; `None` without edits.

    Columns: `doc_id` (32 hexadecimal digits), `source`, `id`, `input` and `record` of the document;
    `level`; `start` and `end` in bytes of the base text, that of `documents/`; `evidence`, 32
    hexadecimal digits: the hash of a paragraph or line (see `passages/removed.parquet`), of a
    substring the DocId of the document that keeps it; `dropped` where too little was left of the
    document, so that it went whole. Ordered by `doc_id` and `start`.
    """
    parts = sorted((run / "edits").glob("part-*.parquet"))
    if not parts:
        return None
    tables = [_spans(run, path.stem) for path in parts]
    return _written(tables, ["doc_id", "start"], run / SPANS, "doc_id", "evidence")


def _written(tables: list[pl.LazyFrame], order: list[str], path: Path, *hashes: str) -> Path:
    """Write the rows of all parts. What is held are the rows and one part, not all parts."""
    import polars as pl

    table = pl.concat([one.collect() for one in tables]).sort(order)
    partial = path.with_suffix(".parquet.tmp")
    hexadecimal = [pl.col(name).bin.encode("hex") for name in hashes]
    table.with_columns(hexadecimal).write_parquet(partial)
    return partial.replace(path)


def _spans(run: Path, stem: str) -> pl.LazyFrame:
    """The spans that levels cut out of the documents of one part."""
    import polars as pl

    def scan(folder: str) -> pl.LazyFrame:
        return pl.scan_parquet(run / folder / f"{stem}.parquet")

    rows = pl.concat(
        [
            scan("dedup").select(pl.col("doc_id").cast(pl.Binary)),
            scan("documents").select("source", "id", "input", "record"),
            scan("edits").select("spans", "dropped"),
        ],
        how="horizontal",
    )
    cut = rows.filter(pl.col("spans").list.len() > 0).explode("spans").unnest("spans")
    order = ("doc_id", "source", "id", "input", "record", "level", "start", "end")
    return cut.select(*order, pl.col("evidence").cast(pl.Binary), "dropped")


def _part(run: Path, stem: str) -> pl.LazyFrame:
    """The removed documents of one part, beside what deduplication says of them."""
    import polars as pl

    documents = pl.scan_parquet(run / "documents" / f"{stem}.parquet")
    decided = pl.scan_parquet(run / "dedup" / f"{stem}.parquet")
    against = ["kept_from"] if (run / "against").is_dir() else []
    rows = pl.concat(
        [
            documents.select("source", "id", "input", "record"),
            decided.select(
                pl.col("doc_id").cast(pl.Binary),
                pl.col("kept_id").cast(pl.Binary).alias("kept_doc_id"),
                "measure",
                "similarity",
                "cluster_size",
                "kept_source",
                pl.col("kept_name").alias("kept_id"),
                *against,
            ),
        ],
        how="horizontal",
    )
    return rows.filter(pl.col("kept_doc_id").is_not_null())
