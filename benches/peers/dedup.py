"""Our deduplication in the form that the peers' benchmark of the same task takes.

The harness calls `run(path, scratch, settings)` with a JSON Lines file of `id` and `text`, and gets the id that is kept
instead for every removed id. Inside its clock: reading the file, as for the other libraries that take texts.
"""

from __future__ import annotations

from types import SimpleNamespace

import orjson
import polars as pl

import gamayun_data as gd


def run(path: str, scratch: str, settings: SimpleNamespace) -> dict[str, str]:
    """Removed id to kept id; `settings` has bands, rows, ngram and threads."""
    with open(path, "rb") as file:
        records = [orjson.loads(line) for line in file]
    result = gd.deduplicate(
        [record["text"] for record in records],
        ids=[record["id"] for record in records],
        threshold=0.8,
        threads=settings.threads,
    )
    removed = pl.DataFrame(result.removed)
    return dict(zip(removed["id"], removed["kept_id"], strict=True))
