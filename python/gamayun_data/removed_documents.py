"""Which documents of a selection are to go, and where they stand in the shards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gamayun_data.errors import ConfigError
from gamayun_data.shards import HALVES_TYPE, open_shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import polars as pl
    from numpy.typing import NDArray

    from gamayun_data.shards import Shard

HOST: Final = r"^(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://)?(?:[^/?#@]*@)?([^/?#:]+)"
URL: Final = "$.url"
HEX_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Request:
    """Documents from these hosts or below them, with these ids, or of these sources."""

    domains: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a request for nothing."""
        if not (self.domains or self.ids or self.sources):
            raise ConfigError("name what is to be removed: domains, ids or sources")


@dataclass(frozen=True, slots=True)
class Gone:
    """A document that is to go; `bytes` of its text, `copies` in an epoch."""

    id: bytes
    source: str
    split: str
    bytes: int
    copies: int


def find(run: Path, asked: Request) -> tuple[dict[Path, list[Gone]], tuple[str, ...]]:
    """The documents by file of the selection, and the ids and sources that no document has."""
    import polars as pl

    found: dict[Path, list[Gone]] = {}
    seen: set[str] = set()
    for path in sorted((run / "selection").glob("part-*.parquet")):
        rows = pl.scan_parquet(path).select(
            pl.col("doc_id").cast(pl.Binary),
            "id",
            "source",
            "split",
            "bytes",
            "copies",
            host=pl.col("metadata").str.json_path_match(URL).str.extract(HOST).str.to_lowercase(),
        )
        rows = rows.with_columns(hex=pl.col("doc_id").bin.encode("hex"))
        hits = rows.filter(_wanted(asked)).collect()
        if hits.height:
            columns = ("doc_id", "source", "split", "bytes", "copies")
            found[path] = [Gone(*row) for row in hits.select(columns).iter_rows()]
            seen |= {*hits["hex"], *hits["id"].drop_nulls(), *hits["source"]}
    missing = (name for name in (*asked.ids, *asked.sources) if name not in seen)
    return found, tuple(missing)


def _wanted(asked: Request) -> pl.Expr:
    import polars as pl

    wanted = pl.col("source").is_in(list(asked.sources))
    wanted |= pl.col("id").is_in(list(asked.ids)).fill_null(value=False)
    wanted |= pl.col("hex").is_in([one.lower() for one in asked.ids if len(one) == HEX_DIGITS])
    for domain in asked.domains:
        name = domain.lower().strip(".")
        at = (pl.col("host") == name) | pl.col("host").str.ends_with(f".{name}")
        wanted |= at.fill_null(value=False)
    return wanted


class IdSet:
    """Ids of documents, to be looked for in shards."""

    def __init__(self, ids: Sequence[bytes]) -> None:
        """Sort them."""
        self.raw = b"".join(sorted(ids))
        halves = np.frombuffer(self.raw, HALVES_TYPE)
        self._low = np.unique(halves["low"].astype(np.uint64))
        self._ids = frozenset(ids)

    def places(self, shard: Shard) -> NDArray[np.int64]:
        """Where in a shard they stand."""
        low = shard.ids.view(HALVES_TYPE)["low"].astype(np.uint64)
        near = np.flatnonzero(np.isin(low, self._low))
        exact = [place for place in near if shard.ids[place].tobytes() in self._ids]
        return np.array(exact, np.int64)


def in_shards(
    run: Path, pools: Sequence[dict[str, Any]], ids: IdSet
) -> Iterator[tuple[str, str, int, int, int]]:
    """Every shard that has some: pool, payload, documents, tokens and bytes of them."""
    for pool in pools:
        for row in pool["shards"]:
            shard = open_shard(run / "shards" / pool["folder"] / row["gdx"])
            places = ids.places(shard)
            if len(places):
                lengths = np.diff(shard.ends.astype(np.int64), prepend=0)[places]
                size = int(shard.text_bytes[places].sum(dtype=np.uint64))
                yield pool["folder"], row["bin"], len(places), int(lengths.sum()), size


def gaps(
    run: Path, pools: Sequence[dict[str, Any]], ids: IdSet
) -> dict[str, list[tuple[int, int]]]:
    """Where the tokens of the documents lie among those of their pool: first token and length."""
    found: dict[str, list[tuple[int, int]]] = {}
    for pool in pools:
        before = 0
        for row in pool["shards"]:
            shard = open_shard(run / "shards" / pool["folder"] / row["gdx"])
            for place in ids.places(shard):
                span = shard.span(int(place))
                at = (before + span.start, span.stop - span.start)
                found.setdefault(pool["folder"], []).append(at)
            before += len(shard.tokens)
    return found
