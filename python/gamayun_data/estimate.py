"""How many tokens each pool will have: estimated from a sample before tokenising, exact after it.

The sample is drawn by DocId, which is a hash, so it is a simple random sample that is the same on
every machine. Tokens of a pool are its bytes times the sampled tokens per byte (the ratio
estimator), with the standard error of that estimator (Cochran, Sampling Techniques, 6.4):

    r = sum(t) / sum(b)    SE(r B) = N sqrt((1 - n/N) / n * sum((t - r b)^2) / (n - 1))
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data.errors import ConfigError, FormatError
from gamayun_data.mix import Needs, Pool
from gamayun_data.planned import parted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import polars as pl

    EncodeBatch = Callable[
        [list[str]], tuple[np.ndarray[Any, np.dtype[Any]], np.ndarray[Any, np.dtype[Any]]]
    ]

SAMPLE_DOCUMENTS: Final = 256
"""Documents that are sampled of a pool, about; a pool of fewer is counted whole."""

INDEX_BYTES_PER_DOCUMENT: Final = 40
"""Of a shard's index: end 8, metadata 4, DocId 16, text bytes 8, and its part of a block."""

NARROW_VOCABULARY: Final = 65_536
"""Up to this size a token takes two bytes, above it four."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The pools with their tokens, and what building their shards needs."""

    pools: tuple[Pool, ...]
    needs: Needs
    exact: bool


def pool_name(language: str, domain: str) -> str:
    """The name of a pool, which is also its folder."""
    return f"{language}-{domain}"


def from_selection(
    run: str | Path,
    encode_batch: EncodeBatch,
    vocab_size: int,
    *,
    sample_documents: int = SAMPLE_DOCUMENTS,
) -> Estimate:
    """Estimate the training pools of `RUN/selection` by encoding a sample of each.

    `encode_batch(texts)` returns token ids and offsets; the speed of that call gives the seconds.
    """
    import polars as pl

    files = sorted((Path(run) / "selection").glob("*.parquet"))
    if not files:
        raise ConfigError(f"{run}: no selection there; run `curate` first", path=run)
    train = pl.scan_parquet(files).filter(pl.col("split") == "train")
    totals = (
        train.group_by("language", "domain")
        .agg(
            documents=pl.len(),
            bytes=pl.col("bytes").sum(),
            copies=pl.col("copies").cast(pl.UInt64).sum(),
            copied_bytes=(pl.col("copies").cast(pl.UInt64) * pl.col("bytes")).sum(),
        )
        .sort("language", "domain")
        .collect()
    )
    sample = _draw(train, totals, sample_documents)
    started = time.perf_counter()
    _, offsets = encode_batch(sample["text"].to_list())
    seconds = time.perf_counter() - started
    lengths = [int(end) - int(start) + 1 for start, end in pairwise(offsets)]
    names = ("language", "domain", "copies", "bytes")
    sample = sample.select(*names, tokens=pl.Series(lengths, dtype=pl.Int64))
    pools = tuple(_estimate(row, sample) for row in totals.iter_rows(named=True))
    sampled = int(sample["bytes"].sum())
    total = int(totals["bytes"].sum())
    needs = Needs(
        disk_bytes=disk_bytes(pools, vocab_size),
        seconds=total * seconds / sampled if sampled else 0.0,
        sampled_documents=sample.height,
        sampled_bytes=sampled,
    )
    return Estimate(pools, needs, exact=False)


def _draw(train: pl.LazyFrame, totals: pl.DataFrame, wanted: int) -> pl.DataFrame:
    """Take the documents whose DocId lies below a limit that a pool's share sets.

    The limit is compared as bytes, in their order, so one streaming pass finds them; it is cut to
    eight bytes, which moves the share by less than one document in 10^19.
    """
    import polars as pl

    shares = [min(1.0, wanted / documents) for documents in totals["documents"]]
    limits = [
        b"\xff" * 17 if share >= 1 else int(share * 2**64).to_bytes(8, "big") for share in shares
    ]
    limited = totals.select("language", "domain", limit=pl.Series(limits, dtype=pl.Binary))
    return (
        train.select("language", "domain", "doc_id", "copies", "bytes", "text")
        .join(limited.lazy(), on=["language", "domain"])
        .filter(pl.col("doc_id").cast(pl.Binary) < pl.col("limit"))
        .sort("doc_id")
        .select("language", "domain", "copies", "bytes", "text")
        .collect()
    )


def _estimate(total: dict[str, Any], sample: pl.DataFrame) -> Pool:
    """Apply the ratio estimator to one pool: a document drawn stands for all its copies.

    What is drawn are documents, each once, so the variance is that of `copies * tokens`.
    """
    import polars as pl

    drawn = sample.filter(
        (pl.col("language") == total["language"]) & (pl.col("domain") == total["domain"])
    )
    documents = total["documents"]
    tokens, error = ratio_estimate(
        (drawn["copies"] * drawn["tokens"]).to_list(),
        (drawn["copies"] * drawn["bytes"]).to_list(),
        documents,
        total["copied_bytes"],
    )
    unique, _ = ratio_estimate(
        drawn["tokens"].to_list(), drawn["bytes"].to_list(), documents, total["bytes"]
    )
    return Pool(
        name=pool_name(total["language"], total["domain"]),
        language=total["language"],
        domain=parted(total["domain"])[0],
        documents=total["copies"],
        tokens=tokens,
        bytes=total["copied_bytes"],
        error=error,
        repeated_tokens=max(0, tokens - unique),
        bucket=parted(total["domain"])[1],
    )


def ratio_estimate(
    tokens: Sequence[int], sizes: Sequence[int], documents: int, total_bytes: int
) -> tuple[int, float]:
    """Tokens of `documents` with `total_bytes`, from a sample, and the standard error.

    Without a sample nothing is known: one token a byte, and an error of as much. One document
    tells a ratio but no error, which is then taken to be the whole.

    >>> ratio_estimate([10, 20], [40, 80], 2, 120)
    (30, 0.0)
    """
    count, sampled = len(tokens), sum(sizes)
    if not sampled:
        return total_bytes, float(total_bytes)
    ratio = sum(tokens) / sampled
    estimate = round(ratio * total_bytes)
    if count >= documents:
        return sum(tokens), 0.0
    if count == 1:
        return estimate, float(estimate)
    squares = math.fsum((t - ratio * b) ** 2 for t, b in zip(tokens, sizes, strict=True))
    variance = (1 - count / documents) / count * squares / (count - 1)
    return estimate, documents * math.sqrt(variance)


def disk_bytes(pools: Sequence[Pool], vocab_size: int) -> int:
    """Bytes of the shards and their indices; as much again is needed while they are built."""
    width = 2 if vocab_size <= NARROW_VOCABULARY else 4
    return sum(pool.tokens * width + pool.documents * INDEX_BYTES_PER_DOCUMENT for pool in pools)


def from_counts(run: str | Path, vocab_size: int) -> Estimate:
    """Read the pools that tokenising has counted; `FormatError` when its record is not whole."""
    path = Path(run) / "steps" / "tokenise.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["counts"]["pools"]
        pools = tuple(
            Pool(
                name=row["name"],
                language=row["language"],
                domain=parted(row["domain"])[0],
                documents=row["documents"],
                tokens=row["tokens"],
                bytes=row["bytes"],
                repeated_tokens=row["tokens"] - row["unique_tokens"],
                bucket=parted(row["domain"])[1],
            )
            for row in rows
            if row.get("split", "train") == "train"
        )
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: not a record of tokenising: {error!r}", path=path) from error
    needs = Needs(disk_bytes(pools, vocab_size), None, 0, 0)
    return Estimate(pools, needs, exact=True)
