"""Removal rates by cluster size, of each language of a run: what rehydration weighs by.

The rate of a size is taken over all members of the clusters of that size, whoever survives: it is
the chance that the rules drop one of them that is drawn at random. FineWeb2 judges one document of
each cluster, drawn without regard to quality, so its rate is an estimate of this one. The rate of
the whole counts each cluster once, as FineWeb2's does: a member of a cluster of size s counts 1/s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gamayun_data.errors import ConfigError
from gamayun_data.rehydration import FIXED_WEIGHTS, rehydration_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

LEAST_CLUSTERS: Final = 50
"""Clusters that a bucket has at least: the standard error of its rate is 7 points at most."""


@dataclass(frozen=True, slots=True)
class ClusterRates:
    """One language: a bucket holds the sizes from its own to below the next one's.

    `rates` and `global_rate` are shares of documents that the rules drop; `members` are the
    documents of each bucket, of those that passed language.
    """

    language: str
    sizes: tuple[int, ...]
    rates: tuple[float, ...]
    members: tuple[int, ...]
    global_rate: float

    def weights(self, max_repeats: int) -> dict[int, int]:
        """How often to read a survivor, by the size of its cluster."""
        return rehydration_weights(
            self.sizes, self.rates, global_rate=self.global_rate, max_repeats=max_repeats
        )


def cluster_rates(
    run: str | Path, *, least_clusters: int = LEAST_CLUSTERS
) -> tuple[ClusterRates, ...]:
    """Measure the rates of every language of a run, from its rows.

    Sizes are put together, the small ones first, until a bucket has `least_clusters`; what is left
    at the end joins the last bucket. Raises `ConfigError` if the run has no clusters yet.
    """
    if least_clusters < 1:
        raise ConfigError(
            f"least_clusters: expected a whole number from 1, found {least_clusters}",
            parameter="least_clusters",
        )
    counted = _count(Path(run))
    languages = sorted({language for language, *_ in counted})
    return tuple(
        _measure(language, [row[1:] for row in counted if row[0] == language], least_clusters)
        for language in languages
    )


def run_weights(run: str | Path, asked: int | str) -> dict[str, dict[int, int]]:
    """Weights by language and cluster size, as `[dedup] rehydrate` asks for them; none for 0."""
    if not asked:
        return {}
    measured = cluster_rates(run)
    if isinstance(asked, str):
        return {one.language: dict(FIXED_WEIGHTS) for one in measured}
    return {one.language: one.weights(asked) for one in measured}


def _count(run: Path) -> list[tuple[str, int, int, int]]:
    """Language, cluster size, members and how many of them the rules drop, in order."""
    import polars as pl

    parts = sorted((run / "dedup").glob("part-*.parquet"))
    if not parts:
        raise ConfigError(f"{run}: has no clusters; run `gamayun-data curate` first", path=run)
    key = ["language", "cluster_size"]
    sums = (pl.col("members").sum(), pl.col("dropped").sum())
    found = pl.concat([_count_part(run, part.name) for part in parts])
    return found.group_by(key).agg(*sums).sort(key).rows()


def _count_part(run: Path, part: str) -> pl.DataFrame:
    import polars as pl

    columns = {
        "annotations": ["language"],
        "decisions": ["passed_language", "passed"],
        "dedup": ["cluster_size"],
    }
    tables = [
        pl.read_parquet(run / folder / part, columns=names) for folder, names in columns.items()
    ]
    rows = pl.concat(tables, how="horizontal").filter("passed_language")
    return rows.group_by("language", "cluster_size").agg(
        members=pl.len().cast(pl.UInt64), dropped=(~pl.col("passed")).sum().cast(pl.UInt64)
    )


def _measure(language: str, counted: Sequence[tuple[int, int, int]], least: int) -> ClusterRates:
    """Buckets of one language, from (size, members, dropped) by size."""
    buckets: list[list[int]] = []
    clusters = float(least)  # as if one were full, so that the first size opens a bucket
    for size, members, dropped in counted:
        if clusters >= least:
            buckets.append([size, 0, 0])
            clusters = 0.0
        buckets[-1][1] += members
        buckets[-1][2] += dropped
        clusters += members / size
    if clusters < least and len(buckets) > 1:
        _, members, dropped = buckets.pop()
        buckets[-1][1] += members
        buckets[-1][2] += dropped
    once = math.fsum(members / size for size, members, _ in counted)
    return ClusterRates(
        language=language,
        sizes=tuple(size for size, _, _ in buckets),
        rates=tuple(dropped / members for _, members, dropped in buckets),
        members=tuple(members for _, members, _ in buckets),
        global_rate=math.fsum(dropped / size for size, _, dropped in counted) / once,
    )
