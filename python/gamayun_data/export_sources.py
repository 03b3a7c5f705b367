"""Where the documents of exported pools come from, and under which licences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gamayun_data import provenance, shards

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PoolSources:
    """A pool that is exported: what the run has of it, and the sources of its documents."""

    name: str
    language: str
    tokens: int
    """All tokens that the run has of it."""
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """The pools of an export and the licences of their sources, as `provenance.json` has them."""

    pools: tuple[PoolSources, ...]
    licences: Mapping[str, str | None]

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the pools, each once."""
        return tuple(sorted({pool.language for pool in self.pools if pool.language}))


def read_sources(run: Path, manifests: Sequence[Mapping[str, Any]]) -> Sources:
    """Read which sources the shards of the pools have, and their licences."""
    rows: dict[str, Mapping[str, Any]] = {}
    for manifest in manifests:
        for row in [*manifest["pools"], *manifest["validation"]]:
            rows.setdefault(row["name"], row)
    pools = tuple(_pool(run, row) for row in rows.values())
    recorded = _licences(run)
    names = sorted({name for pool in pools for name in pool.sources})
    return Sources(pools, {name: recorded.get(name) for name in names})


def _pool(run: Path, row: Mapping[str, Any]) -> PoolSources:
    found: set[str] = set()
    for one in row["shards"]:
        shard = shards.open_shard(run / one["gdx"])
        found |= {shard.source_names[code] for code in np.unique(shard.sources).tolist()}
    tokens = row["available"]["tokens"]
    return PoolSources(row["name"], row.get("language", ""), tokens, tuple(sorted(found)))


def _licences(run: Path) -> dict[str, str | None]:
    if not (run / provenance.FILE).exists():
        return {}
    return {source["name"]: source["licence"] for source in provenance.read(run)["sources"]}
