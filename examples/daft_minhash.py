"""Adds band keys to a Daft data frame and finds the documents that share a bucket.

python examples/daft_minhash.py        # needs daft
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import gamayun_data as gd

HASHER = gd.MinHasher(bands=14, rows=8, threads=1)


def band_keys(texts: Any) -> list[list[int]]:  # noqa: ANN401 (a Series of daft)
    """The keys of a batch of texts."""
    keys: list[list[int]] = HASHER.band_keys(texts.to_arrow()).tolist()
    return keys


def main() -> None:
    """Count the documents of each bucket of the first band."""
    import daft

    keyed = daft.func.batch(return_dtype=daft.DataType.list(daft.DataType.uint64()))(band_keys)
    texts = ["The same words, twice.", "Something else.", "the same words (twice)"]
    frame = daft.from_pydict({"id": ["a", "b", "c"], "text": texts})
    rows = frame.with_column("keys", keyed(daft.col("text"))).to_pydict()
    buckets = Counter(keys[0] for keys in rows["keys"])
    print(
        [name for name, keys in zip(rows["id"], rows["keys"], strict=True) if buckets[keys[0]] > 1]
    )


if __name__ == "__main__":
    main()
