"""Stage manifests: what was asked for and what the shards realise, with the hash of every file.

A manifest says nothing of paths of the input, times or machines, so equal input gives equal bytes;
those stand in `provenance.json`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gamayun_data import _core, shards
from gamayun_data.directory import tool
from gamayun_data.errors import FormatError
from gamayun_data.facts import documents_by_source, facts, licences
from gamayun_data.planned import parted
from gamayun_data.receipts import identity_of, write_json
from gamayun_data.recipe import config_hash
from gamayun_data.results import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gamayun_data.mix import Plan
    from gamayun_data.planned import PoolShare, StagePlan
    from gamayun_data.receipts import Receipt
    from gamayun_data.recipe import Recipe
    from gamayun_data.steps import UsedTokenizer

GOLDEN: Final = 8
"""So many samples of a stage, and its last, have a hash in the manifest."""

SCHEMA: Final = "gamayun-data/manifest"
VERSION: Final = 3

ORDER: Final = 1
"""Of `docs/order.md`: where each sample of a stage lies."""

SHORT_IDS: Final = 1 << 16
WIDTHS: Final = (2, 4)
"""Bytes of a token id: for vocabularies of so many ids, and for larger ones."""

COUNTING: Final = {
    "token_counting": "stored tokens, the end of each document included",
    "document_counting": "documents whose first token the stage reads, once an epoch",
}
"""What is counted as a token and as a document of a stage."""


@dataclass(frozen=True, slots=True)
class Track:
    """Where the documents of a pool begin, in the order of its shards; counts go on over epochs."""

    name: str
    seed: int
    starts: np.ndarray[Any, np.dtype[np.uint64]]
    bytes_before: np.ndarray[Any, np.dtype[np.uint64]]
    tokens: int

    @staticmethod
    def of(name: str, seed: int, pool: Sequence[shards.Shard]) -> Track:
        """Read the document ends and text sizes of a pool's shards."""
        starts, sizes, before = [], [], 0
        for shard in pool:
            ends = shard.ends.astype(np.uint64)
            starts.append(np.insert(ends[:-1], 0, 0) + np.uint64(before))
            sizes.append(shard.text_bytes.astype(np.uint64))
            before += int(ends[-1])
        summed = np.cumsum(np.concatenate(sizes), dtype=np.uint64)
        return Track(name, seed, np.concatenate(starts), np.insert(summed, 0, 0), before)

    def until(self, token: int) -> tuple[int, int]:
        """Count the documents that begin before `token`, from epoch 0 on, and their text bytes."""
        epoch, rest = divmod(token, self.tokens)
        documents, size = self._within(epoch, rest)
        documents += epoch * len(self.starts)
        return documents, epoch * int(self.bytes_before[-1]) + size

    def _within(self, epoch: int, rest: int) -> tuple[int, int]:
        """What begins in the first `rest` tokens of an epoch."""
        if epoch == 0:
            return self._begin([0], [rest])
        order, piece = _core.epoch_pieces(self.name, self.seed, self.tokens, epoch)
        whole, part = divmod(rest, piece)
        read = order[:whole].astype(np.int64) * piece
        if whole < len(order):
            last = int(order[whole]) * piece
            return self._begin([*read, last], [*(read + piece), last + part])
        tail = len(order) * piece
        return self._begin([*read, tail], [*(read + piece), rest])

    def _begin(self, lows: Sequence[int], highs: Sequence[int]) -> tuple[int, int]:
        """What begins between each low and its high token of the shards."""
        first = np.searchsorted(self.starts, np.array(lows, np.uint64), side="left")
        last = np.searchsorted(self.starts, np.array(highs, np.uint64), side="left")
        sizes = self.bytes_before[last] - self.bytes_before[first]
        return int((last - first).sum()), int(sizes.sum(dtype=np.uint64))

    def between(self, start: int, end: int) -> tuple[int, int]:
        """Count the documents that begin in a range of tokens, and their text bytes."""
        (before, bytes_before), (until, bytes_until) = self.until(start), self.until(end)
        return until - before, bytes_until - bytes_before


def write(
    run: Path, asked: Recipe, plan: Plan, built: Receipt, tokenizer: UsedTokenizer
) -> tuple[str, ...]:
    """Write `manifests/STAGE.json` for every stage; returns their paths inside the run."""
    folder = run / "manifests"
    pools = {pool["folder"]: pool for pool in built.counts["pools"]}
    used = {share.pool for stage in plan.stages for share in stage.shares}
    tracks = {
        name: Track.of(
            name,
            asked.seed,
            [shards.open_shard(_path(run, pool, shard)) for shard in pool["shards"]],
        )
        for name, pool in pools.items()
        if name in used and pool["shards"]
    }
    told = facts(run, asked, list(pools.values()))
    known = {source.name: source.licence for source in asked.sources}
    origins = {name: _origins(run, pool, known) for name, pool in pools.items()}
    validation = [
        {**_validation(pool), **origins[pool["folder"]]}
        for pool in pools.values()
        if pool["split"] == "validation"
    ]
    for index, stage in enumerate(plan.stages):
        manifest = {
            "schema": SCHEMA,
            "version": VERSION,
            "order": ORDER,
            "tool": tool(),
            "config_sha256": config_hash(asked),
            "seed": asked.seed,
            "tokenizer": {
                "file": "shards/tokenizer.json",
                "sha256": tokenizer.sha256,
                "vocab_size": tokenizer.core.vocab_size,
                "eos_id": tokenizer.eos,
                "token_bytes": WIDTHS[tokenizer.core.vocab_size > SHORT_IDS],
                "special_tokens": {name: id_ for id_, name in tokenizer.core.special_tokens},
            },
            **COUNTING,
            **told,
            "stage": _stage(stage, index),
            **_shares(stage, tracks),
            "pools": [
                {**_pool(share, pools[share.pool], tracks), **origins[share.pool]}
                for share in stage.shares
            ],
            "validation": validation,
        }
        finish(run, stage.name, manifest)
    names = tuple(f"{stage.name}.json" for stage in plan.stages)
    _remove_stale(folder, names)
    return tuple(f"manifests/{name}" for name in names)


def _remove_stale(folder: Path, names: Sequence[str]) -> None:
    """Remove the manifests of stages that are no more; stages appended to those that are stay."""
    others = {path: _read_any(path) for path in folder.glob("*.json") if path.name not in names}
    ids = {_read_any(folder / name).get("id") for name in names}
    while stay := [p for p, one in others.items() if one.get("after", {}).get("manifest") in ids]:
        ids |= {others.pop(path).get("id") for path in stay}
    for path in others:
        path.unlink()


def _read_any(path: Path) -> dict[str, Any]:
    """A manifest of any version; empty if it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def append(
    run: Path,
    before: Mapping[str, Any],
    stage: StagePlan,
    tracks: Mapping[str, Track],
    facts: Mapping[str, Any],
) -> None:
    """Write the manifest of one more stage over the pools of another, whose manifest is `before`.

    `facts` are what is new beside the stage: `after`, where the other was left, and the config.
    """
    rows = {row["name"]: row for row in before["pools"]}
    manifest = {
        **{key: value for key, value in before.items() if key != "id"},
        "tool": tool(),
        **facts,
        "stage": _stage(stage, before["stage"]["index"] + 1),
        **_shares(stage, tracks),
        "pools": [
            {
                **_taken(share, tracks),
                **{
                    key: rows[share.pool][key]
                    for key in ("available", "shards", "sources", "licences")
                },
            }
            for share in stage.shares
        ],
    }
    finish(run, stage.name, manifest)


def finish(run: Path, name: str, manifest: dict[str, Any]) -> str:
    """Add the golden samples and the id, and write it; returns the id."""
    whole = {**manifest, "golden": golden(run, manifest)}
    identity = identity_of(whole)
    write_json(run / "manifests" / f"{name}.json", {"id": identity, **whole})
    return identity


def reader(run: Path, manifest: Mapping[str, Any], **changes: object) -> _core.TokenReader:
    """The samples of a stage; `changes` are parameters that the manifest does not settle."""
    length = manifest["stage"]["sequence_length"]
    settled: dict[str, Any] = {
        "stage": manifest["stage"]["name"],
        "seed": manifest["seed"],
        "sequence_length": length,
        "tokenizer_sha256": manifest["tokenizer"]["sha256"],
    }
    free: dict[str, Any] = {
        "window": length,
        "overlap": 0,
        "packing": "concat",
        "open_shards": 4096,
    }
    pools = [
        (
            pool["name"],
            pool["samples"],
            pool["start_token"],
            [(run / one["bin"], one["tokens"], one["bin_sha256"]) for one in pool["shards"]],
        )
        for pool in manifest["pools"]
    ]
    return _core.TokenReader(pools, **settled, **free | changes)


def golden(run: Path, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Samples of a stage with the sha256 of their ids, as they lie in the shards.

    Who reads these samples and finds these hashes has the order and the tokens.
    """
    count = manifest["stage"]["samples"]
    if not count or any(pool["samples"] and not pool["shards"] for pool in manifest["pools"]):
        return []
    samples = sorted({count * part // GOLDEN for part in range(GOLDEN)} | {count - 1})
    stage = reader(run, manifest)
    numbers = np.array(samples, np.uint64)
    dtype: Any = np.dtype(f"<u{stage.width}")
    tokens = np.empty((len(samples), manifest["stage"]["sequence_length"]), dtype)
    stage.read(numbers, tokens)
    return [
        {"sample": sample, "sha256": hashlib.sha256(row.tobytes()).hexdigest()}
        for sample, row in zip(samples, tokens, strict=True)
    ]


def _origins(run: Path, pool: Mapping[str, Any], known: Mapping[str, str | None]) -> dict[str, Any]:
    """Sources of the documents of a pool, and their licences."""
    opened = [shards.open_shard(_path(run, pool, shard)) for shard in pool["shards"]]
    sources = documents_by_source(opened)
    return {"sources": sources, "licences": licences(sources, known)}


def _path(run: Path, pool: Mapping[str, Any], shard: Mapping[str, Any]) -> Path:
    return run.joinpath("shards", pool["folder"], shard["bin"])


def _stage(stage: StagePlan, index: int) -> dict[str, Any]:
    return {
        "name": stage.name,
        "index": index,
        "token_budget": stage.budget,
        "sequence_length": stage.sequence_length,
        "samples": stage.samples,
        "tokens": stage.tokens,
        "max_epochs": stage.max_epochs,
        **_settings(stage),
    }


def _settings(stage: StagePlan) -> dict[str, Any]:
    """The policy, unit and packing of a stage, each where the recipe departs from the default."""
    caps = {one.pool: one.max_epochs for one in stage.shares if one.max_epochs != stage.max_epochs}
    return {**to_json(stage.settings), **({"pool_max_epochs": caps} if caps else {})}


def _realised(share: PoolShare, tracks: Mapping[str, Track]) -> tuple[int, int]:
    track = tracks.get(share.pool)
    return track.between(share.start_token, share.end_token) if track else (0, 0)


def _shares(stage: StagePlan, tracks: Mapping[str, Track]) -> dict[str, Any]:
    """The stage by language and by domain: requested and realised."""
    views = {}
    for view, groups in (("by_language", stage.by_language()), ("by_domain", stage.by_domain())):
        key = view.removeprefix("by_")
        rows = []
        for group in groups:
            members = [share for share in stage.shares if getattr(share, key) == group.name]
            counted = [_realised(share, tracks) for share in members]
            rows.append(
                {
                    key: group.name,
                    "requested_share": group.requested,
                    "share": group.share,
                    "tokens": group.tokens,
                    "documents": sum(documents for documents, _ in counted),
                    "bytes": sum(size for _, size in counted),
                    "epochs": group.epochs,
                    "cumulative_epochs": group.cumulative_epochs,
                }
            )
        views[view] = rows
    return views


def _pool(share: PoolShare, pool: Mapping[str, Any], tracks: Mapping[str, Track]) -> dict[str, Any]:
    return {**_taken(share, tracks), "available": _sums(pool), "shards": _files(pool)}


def _taken(share: PoolShare, tracks: Mapping[str, Track]) -> dict[str, Any]:
    """What a stage takes of a pool."""
    documents, size = _realised(share, tracks)
    return {
        "name": share.pool,
        "language": share.language,
        "domain": share.domain,
        **({} if share.bucket is None else {"bucket": share.bucket}),
        "requested_share": share.requested,
        "share": share.share,
        "samples": share.samples,
        "tokens": share.tokens,
        "documents": documents,
        "bytes": size,
        "epochs": share.epochs,
        "cumulative_epochs": share.cumulative_epochs,
        "start_token": share.start_token,
        "end_token": share.end_token,
    }


def _validation(pool: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": pool["folder"],
        "language": pool["language"],
        "domain": parted(pool["domain"])[0],
        "available": _sums(pool),
        "shards": _files(pool),
    }


def _sums(pool: Mapping[str, Any]) -> dict[str, int]:
    return {
        key: sum(shard[key] for shard in pool["shards"]) for key in ("documents", "tokens", "bytes")
    }


def _files(pool: Mapping[str, Any]) -> list[dict[str, Any]]:
    folder = f"shards/{pool['folder']}"
    return [
        {**shard, "bin": f"{folder}/{shard['bin']}", "gdx": f"{folder}/{shard['gdx']}"}
        for shard in pool["shards"]
    ]


def read(path: Path) -> dict[str, Any]:
    """Read a manifest; `FormatError` if it is none of ours."""
    try:
        manifest: object = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FormatError(f"{path}: not JSON: {error}", path=path) from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise FormatError(f"{path}: not a stage manifest", path=path)
    if manifest.get("version") != VERSION:
        raise FormatError(
            f"{path}: version {manifest.get('version')}, expected {VERSION}", path=path
        )
    return manifest
