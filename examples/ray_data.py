"""Adds band keys to documents in batches, as Ray Data and pyarrow hand them over.

python examples/ray_data.py            # uses ray if it is installed, else pyarrow's own batches

A hasher is a plain value and its result depends on the text alone, so the work may be spread over
any number of workers in any way: equal texts get equal keys everywhere.
"""

from __future__ import annotations

import pyarrow as pa

import gamayun_data as gd


def with_band_keys(table: pa.Table) -> pa.Table:
    """The table with the column `band_keys`, made batch by batch."""
    hasher = gd.MinHasher(bands=14, rows=8, threads=1)
    try:
        import ray
    except ImportError:
        return pa.Table.from_batches([hasher(batch) for batch in table.to_batches(2)])
    keyed = ray.data.from_arrow(table).map_batches(hasher, batch_format="pyarrow")
    return pa.concat_tables(ray.get(keyed.to_arrow_refs()))


def main() -> None:
    """Key three documents; the two that read alike share all keys."""
    texts = ["The same words, twice.", "Something else.", "the same words (twice)"]
    table = with_band_keys(pa.table({"id": ["a", "b", "c"], "text": texts}))
    for name, keys in zip(table["id"].to_pylist(), table["band_keys"].to_pylist(), strict=True):
        print(name, keys[:3])


if __name__ == "__main__":
    main()
