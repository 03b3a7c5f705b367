"""The list of removed documents with their evidence, as a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

NAME = "removed.parquet"


def write(run: Path) -> Path:
    """Write `RUN/removed.parquet`: every duplicate, the document kept for it, and the proof.

    Columns: `doc_id` and `kept_doc_id` (32 hexadecimal digits); `source`, `id`, `input` and
    `record` of the removed document and `kept_source`, `kept_id` of the kept one (`id` is the
    user's, null if there was none); `measure` (`exact`, `jaccard` or `containment`), `similarity`,
    and `cluster_size`. Ordered by `doc_id`.
    """
    import polars as pl

    parts = sorted((run / "dedup").glob("part-*.parquet"))
    table = pl.concat([_part(run, path.stem) for path in parts]).sort("doc_id")
    hexadecimal = [pl.col(name).bin.encode("hex") for name in ("doc_id", "kept_doc_id")]
    partial = run / f"{NAME}.tmp"
    table.with_columns(hexadecimal).collect(engine="streaming").write_parquet(partial)
    return partial.replace(run / NAME)


def _part(run: Path, stem: str) -> pl.LazyFrame:
    """The removed documents of one part, beside what deduplication says of them."""
    import polars as pl

    documents = pl.scan_parquet(run / "documents" / f"{stem}.parquet")
    decided = pl.scan_parquet(run / "dedup" / f"{stem}.parquet")
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
            ),
        ],
        how="horizontal",
    )
    return rows.filter(pl.col("kept_doc_id").is_not_null())
