"""What a manifest says beside the mixture: the way of the documents, licences, filters, holdout."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import provenance
from gamayun_data.receipts import identify, read_receipt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gamayun_data.recipe import Recipe
    from gamayun_data.shards import Shard

WAY: Final = ("records", "rejected", "documents", "dropped", "selected", "copies")
"""Counts of the provenance that do not depend on how the input was cut into files."""
FILTERS: Final = ("languages", "curation", "dedup", "passages", "substrings")


def facts(run: Path, asked: Recipe, pools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is true of all stages of a run."""
    return {
        "filters_sha256": filters_hash(run, asked),
        "conservation": conservation(run, pools),
        "holdout": {"split": "validation", "share": asked.validation.share},
    }


def filters_hash(run: Path, asked: Recipe) -> str:
    """Hash of all that decided which documents are kept, thresholds from the data included."""
    whole = asdict(asked)
    settled = {key: whole[key] for key in FILTERS}
    settled["dedup"].pop("against", None)
    decided = read_receipt(run, "decide")
    thresholds = decided.counts["thresholds"] if decided else {}
    return identify(filters=settled, thresholds=thresholds)


def conservation(run: Path, pools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The way from the first record to the last shard, in counts that add up.

    records = documents + rejected; documents = selected + dropped; `copies` are the selected with
    repeats: those in the shards, and those that were removed from them later.
    """
    counts = provenance.read(run)["counts"]
    shards = [shard for pool in pools for shard in pool["shards"]]
    sums = {key: sum(shard[key] for shard in shards) for key in ("documents", "tokens", "bytes")}
    gone = {key: counts.get("removed", {}).get(key, 0) for key in ("documents", "copies")}
    return {**{key: counts[key] for key in WAY}, "removed": gone, "shards": sums}


def documents_by_source(opened: Sequence[Shard]) -> dict[str, int]:
    """Documents of a pool by the name of their source."""
    import numpy as np

    found: dict[str, int] = {}
    for shard in opened:
        for code, count in enumerate(np.bincount(shard.sources)):
            if count:
                name = shard.source_names[code]
                found[name] = found.get(name, 0) + int(count)
    return dict(sorted(found.items()))


def licences(sources: Mapping[str, int], known: Mapping[str, str | None]) -> list[str]:
    """The licences of some sources, as the recipe names them; `unknown` where it names none."""
    return sorted({known.get(name) or "unknown" for name in sources})
