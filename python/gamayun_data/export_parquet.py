"""Parquet of tokens, which Hugging Face `datasets` opens: a row a document, or a row a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from gamayun_data.export_parts import Asked, ExportedPart, ExportedStage
    from gamayun_data.export_samples import SampleFile, Written

WIDTHS: Final = {2: "<u2", 4: "<u4"}


def _tokens(path: Path) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_parquet(path).select("tokens")


def recount(path: Path, _: ExportedPart) -> tuple[int, int]:
    """Documents and tokens by the rows that were written."""
    import polars as pl

    lengths = _tokens(path.with_name(f"{path.name}.parquet")).select(pl.col("tokens").list.len())
    table = lengths.select(pl.len(), pl.col("tokens").cast(pl.UInt64).sum()).collect()
    documents, tokens = table.row(0)
    return int(documents), int(tokens)


def mixture(asked: Asked, stages: Sequence[ExportedStage], validation: ExportedStage) -> list[str]:
    """Nothing: the shares stand in `export.json`, and the folders in the card."""
    del asked, stages, validation
    return []


def read(written: Written, file: SampleFile, number: int) -> bytes:
    """The tokens of a sample of a file."""
    row = _tokens(written.path(file)).slice(number, 1).collect()["tokens"]
    return bytes(row.explode().to_numpy().astype(WIDTHS[written.width]).tobytes())


def describe(_: Written) -> Mapping[str, str]:
    """Nothing beside the files."""
    return {}
