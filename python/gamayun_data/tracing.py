"""`shards trace`: the documents that a sample, or a step of training, is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data.errors import ConfigError
from gamayun_data.loader.dataset import TokenDataset

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gamayun_data.loader.batch import Stretch

EXCERPT: Final = 80
"""Letters of a text that are told."""
KNOWN: Final = ("doc_id", "id", "domain", "split", "cluster_size", "copies", "bytes")


@dataclass(frozen=True, slots=True)
class TracedStretch:
    """Tokens of one document in one sample, and what the selection has of the document.

    `start` is in the sample, `offset` in the document, `place` in the shard. `id` is the user's,
    `url` the record's; what is of the selection is `None` if the document is not there any more.
    """

    sample: int
    start: int
    tokens: int
    offset: int
    doc_id: str
    pool: str
    language: str
    source: str
    shard: str
    place: int
    id: str | None = None
    url: str | None = None
    domain: str | None = None
    split: str | None = None
    cluster_size: int | None = None
    copies: int | None = None
    bytes: int | None = None
    text: str | None = None


def trace(run: str | Path, stage: str, samples: Sequence[int]) -> tuple[TracedStretch, ...]:
    """The documents of some samples of a stage, in the order of their tokens.

    Raises `ConfigError` for a sample that the stage does not have.
    """
    run = Path(run)
    dataset = TokenDataset(run, stage)
    if beyond := [one for one in samples if not 0 <= one < len(dataset)]:
        raise ConfigError(
            f"stage `{stage}` has samples 0 to {len(dataset) - 1}, not {beyond[0]}",
            parameter="sample",
        )
    stretches = list(dataset.stretches(samples))
    known = _selected(run, {one.id for one in stretches})
    return tuple(_traced(one, known.get(one.id, {})) for one in stretches)


def step(number: int, batch_size: int) -> range:
    """The samples of a step of training, from 0: all ranks together read them."""
    return range(number * batch_size, (number + 1) * batch_size)


def _traced(one: Stretch, known: Mapping[str, Any]) -> TracedStretch:
    facts = {key: known.get(key) for key in (*KNOWN[1:], "url", "text")}
    return TracedStretch(
        sample=one.sample,
        start=one.start,
        tokens=one.tokens,
        offset=one.offset,
        doc_id=one.id,
        pool=one.pool,
        language=one.language,
        source=one.source,
        shard=one.shard,
        place=one.place,
        **facts,
    )


def _selected(run: Path, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the selection has of some documents."""
    import polars as pl

    wanted = pl.Series([bytes.fromhex(one) for one in sorted(ids)], dtype=pl.Binary)
    files = sorted((run / "selection").glob("part-*.parquet"))
    if not files:
        return {}
    rows = (
        pl.scan_parquet(files)
        .with_columns(pl.col("doc_id").cast(pl.Binary))
        .filter(pl.col("doc_id").is_in(wanted.implode()))
        .select(
            *KNOWN,
            url=pl.col("metadata").str.json_path_match("$.url"),
            text=pl.col("text").str.head(EXCERPT),
        )
        .collect()
    )
    return {row["doc_id"].hex(): row for row in rows.iter_rows(named=True)}
