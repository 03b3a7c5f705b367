"""Our deduplication in the form that the peers' benchmark of the same task takes.

The harness calls `run(path, scratch, settings)` with a JSON Lines file of `id` and `text`, and gets the id that is kept
instead for every removed id. Inside its clock: reading the file, deciding, writing the list with its evidence, and
reading the list. Outside: imports. `in_memory` is the same of texts that Python has read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import polars as pl
from pyarrow import parquet

import gamayun_data as gd
from gamayun_data import pipeline

if TYPE_CHECKING:
    from types import SimpleNamespace


def run(path: str, scratch: str, settings: SimpleNamespace) -> dict[str, str]:
    """Removed id to kept id; `settings` has threads."""
    output = Path(scratch) / "list"
    pipeline.dedup([path], output=output, list_only=True, threads=settings.threads)
    file = parquet.ParquetFile(output / "removed.parquet")
    removed = file.read(columns=["id", "kept_id"], use_threads=False)
    return dict(zip(removed["id"].to_pylist(), removed["kept_id"].to_pylist(), strict=True))


def in_memory(path: str, scratch: str, settings: SimpleNamespace) -> dict[str, str]:  # noqa: ARG001 (the form is the harness's)
    """Removed id to kept id; `settings` has threads."""
    with Path(path).open("rb") as file:
        records = [orjson.loads(line) for line in file]
    result = gd.deduplicate(
        [record["text"] for record in records],
        ids=[record["id"] for record in records],
        threshold=0.8,
        threads=settings.threads,
    )
    removed = pl.DataFrame(result.removed)
    return dict(zip(removed["id"], removed["kept_id"], strict=True))
