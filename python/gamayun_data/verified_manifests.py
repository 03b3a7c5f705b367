"""`verify` of what a run says of itself: manifests, receipts and provenance, held together."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import manifests, order, provenance, shards
from gamayun_data.directory import RECORD
from gamayun_data.facts import conservation, documents_by_source, licences
from gamayun_data.planned import parted
from gamayun_data.receipts import identity_of, laid_out, read_receipt
from gamayun_data.steps import UsedTokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gamayun_data.findings import Findings

CLOSE: Final = 1e-9
"""Shares that were summed in another order may differ by so much of themselves."""
GROUPS: Final = ("language", "domain")


def check_manifests(found: Findings, *, recount: bool) -> None:
    """Each manifest says what its pools sum to, and what the other files of the run say.

    `recount` counts the documents of each stage from the indices and reads its golden samples.
    """
    folder = found.run / "manifests"
    read: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        found.guarded(lambda path=path: read.update({path.stem: manifests.read(path)}))  # type: ignore[misc]
    for stage, manifest in read.items():
        found.guarded(lambda one=stage, all_=read: _manifest(found, one, all_))  # type: ignore[misc]
        if recount:
            found.guarded(lambda one=stage, of=manifest: _recount(found, one, of))  # type: ignore[misc]
        found.checked["manifests"] += 1
    found.guarded(lambda: _ledger(found, read))
    found.guarded(lambda: _provenance(found, read))


def _manifest(found: Findings, stage: str, read: Mapping[str, Mapping[str, Any]]) -> None:
    manifest, name = read[stage], f"manifests/{stage}.json"
    _sealed(found, name, manifest)
    found.equal(name, "version of the order", manifest["order"], order.VERSION)
    found.equal(name, "name of the stage", stage, manifest["stage"]["name"])
    for key, said in manifests.COUNTING.items():
        found.equal(name, key, said, manifest[key])
    other = next(iter(read.values()))
    for key in ("seed", "tokenizer"):
        found.equal(name, f"{key}, as other stages have it", manifest[key], other[key])
    _tokenizer(found, name, manifest["tokenizer"])
    _sums(found, name, manifest)
    _same_shards(found, name, manifest)
    _appended(found, name, manifest, read)


def _sealed(found: Findings, name: str, record: Mapping[str, Any]) -> None:
    """A record has the hash of what it says, and was written by no one else."""
    found.equal(name, "id", identity_of(record), record["id"])
    if (found.run / name).read_bytes() != laid_out(record).encode():
        found.wrong(name, "its bytes are not those that it was written with")


def _tokenizer(found: Findings, name: str, said: Mapping[str, Any]) -> None:
    """The tokenizer beside the shards is the one that the manifest names."""
    path = found.run / said["file"]
    found.equal(path, "sha256", hashlib.sha256(path.read_bytes()).hexdigest(), said["sha256"])
    used = UsedTokenizer.load(path)
    found.equal(name, "ids of the tokenizer", used.core.vocab_size, said["vocab_size"])
    found.equal(name, "id that ends documents", used.eos, said["eos_id"])
    special = {token: id_ for id_, token in used.core.special_tokens}
    found.equal(name, "special tokens", special, said["special_tokens"])
    width = 2 if used.core.vocab_size <= manifests.SHORT_IDS else 4
    found.equal(name, "bytes of a token id", width, said["token_bytes"])


def _sums(found: Findings, name: str, manifest: Mapping[str, Any]) -> None:
    """What the stage takes is what its pools give, and each row says the same of them."""
    stage, pools = manifest["stage"], manifest["pools"]
    length, samples = stage["sequence_length"], stage["samples"]
    found.equal(name, "samples of the pools", sum(p["samples"] for p in pools), samples)
    found.equal(name, "tokens of the pools", sum(p["tokens"] for p in pools), stage["tokens"])
    for pool in pools:
        where = pool["name"]
        taken = pool["end_token"] - pool["start_token"]
        found.equal(name, f"{where}: tokens between the cursors", taken, pool["tokens"])
        found.equal(name, f"{where}: tokens of its samples", pool["samples"] * length, taken)
        _shares(found, name, where, pool, [pool], samples)
    for key in GROUPS:
        rows = manifest[f"by_{key}"]
        names = sorted({pool[key] for pool in pools})
        found.equal(name, f"{key}s", names, [row[key] for row in rows])
        for row in rows:
            members = [pool for pool in pools if pool[key] == row[key]]
            for field in ("tokens", "documents", "bytes"):
                total = sum(pool[field] for pool in members)
                found.equal(name, f"{row[key]}: {field}", total, row[field])
            asked = math.fsum(pool["requested_share"] for pool in members)
            _close(found, name, f"{row[key]}: requested share", asked, row["requested_share"])
            _shares(found, name, row[key], row, members, samples)


def _shares(
    found: Findings,
    name: str,
    where: str,
    row: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    samples: int,
) -> None:
    """The share and the epochs of some pools, as a row says them."""
    whole = sum(pool["available"]["tokens"] for pool in members)
    told = {
        "share": (sum(pool["samples"] for pool in members), samples),
        "epochs": (sum(pool["tokens"] for pool in members), whole),
        "cumulative_epochs": (sum(pool["end_token"] for pool in members), whole),
    }
    for field, (part, all_) in told.items():
        _close(found, name, f"{where}: {field}", part / all_ if all_ else 0.0, row[field])


def _close(found: Findings, name: str, what: str, counted: float, said: float) -> None:
    found.checked["counts"] += 1
    if not math.isclose(counted, said, rel_tol=CLOSE, abs_tol=CLOSE):
        found.wrong(name, f"{what}: found {counted}, but {said} is claimed")


def _same_shards(found: Findings, name: str, manifest: Mapping[str, Any]) -> None:
    """Pools and shards are those that were built, and pools have what their shards have."""
    receipt = read_receipt(found.run, "build")
    built = {} if receipt is None else {pool["folder"]: pool for pool in receipt.counts["pools"]}
    for rows, split in ((manifest["pools"], "train"), (manifest["validation"], "validation")):
        names = sorted(folder for folder, pool in built.items() if pool["split"] == split)
        found.equal(name, f"pools to {split}", sorted(pool["name"] for pool in rows), names)
        for pool in rows:
            where, known = pool["name"], built.get(pool["name"])
            if known is None:
                continue
            for key in GROUPS:
                found.equal(name, f"{where}: {key}", pool[key], parted(known[key])[0])
            folder = f"shards/{where}"
            whole = [
                {**one, "bin": f"{folder}/{one['bin']}", "gdx": f"{folder}/{one['gdx']}"}
                for one in known["shards"]
            ]
            found.equal(name, f"{where}: shards", pool["shards"], whole)
            for key, said in pool["available"].items():
                total = sum(shard[key] for shard in pool["shards"])
                found.equal(name, f"{where}: available {key}", total, said)


def _appended(
    found: Findings,
    name: str,
    manifest: Mapping[str, Any],
    read: Mapping[str, Mapping[str, Any]],
) -> None:
    """A stage that was added begins within the one that it goes on from, at the sample said."""
    if (after := manifest.get("after")) is None:
        return
    if (before := read.get(after["stage"])) is None:
        found.wrong(name, f"it goes on from stage `{after['stage']}`, which has no manifest")
        return
    found.equal(name, "manifest that it goes on from", before["id"], after["manifest"])
    found.equal(name, "index", manifest["stage"]["index"], before["stage"]["index"] + 1)
    earlier = {pool["name"]: pool for pool in before["pools"]}
    tokens = 0
    for pool in manifest["pools"]:
        start, end = (earlier[pool["name"]][key] for key in ("start_token", "end_token"))
        within = start <= pool["start_token"] <= end
        found.equal(name, f"{pool['name']}: begins within `{after['stage']}`", within, True)
        tokens += pool["start_token"] - start
    said = after["sample"] * before["stage"]["sequence_length"]
    found.equal(name, f"tokens of `{after['stage']}` before it", tokens, said)


def _ledger(found: Findings, read: Mapping[str, Mapping[str, Any]]) -> None:
    """Each planned stage begins in every pool where the one before it stopped, the first at 0."""
    planned = [manifest for manifest in read.values() if manifest.get("after") is None]
    planned.sort(key=lambda manifest: manifest["stage"]["index"])
    cursors: dict[str, int] = {}
    for index, manifest in enumerate(planned):
        name = f"manifests/{manifest['stage']['name']}.json"
        found.equal(name, "index of the stage", index, manifest["stage"]["index"])
        for pool in manifest["pools"]:
            begins = cursors.get(pool["name"], 0)
            found.equal(name, f"{pool['name']}: first token", begins, pool["start_token"])
            cursors[pool["name"]] = pool["end_token"]


def _recount(found: Findings, stage: str, manifest: Mapping[str, Any]) -> None:
    """Count from the document ends in the shards what a stage reads, and read some samples."""
    name = f"manifests/{stage}.json"
    for pool in manifest["pools"]:
        if pool["shards"]:
            opened = [shards.open_shard(found.run / shard["bin"]) for shard in pool["shards"]]
            counted = _begun(opened, manifest["seed"], pool)
            claimed = (pool["documents"], pool["bytes"])
            found.equal(name, f"{pool['name']}: documents and bytes", counted, claimed)
            sources = documents_by_source(opened)
            found.equal(name, f"{pool['name']}: sources", sources, pool["sources"])
    golden = manifests.golden(found.run, manifest)
    found.equal(name, "golden samples", golden, manifest["golden"])


def _begun(opened: list[shards.Shard], seed: int, pool: Mapping[str, Any]) -> tuple[int, int]:
    """Documents, and their bytes, that begin between the cursors of a pool, epoch after epoch.

    Counted document by document and epoch by epoch, unlike where the manifest is written.
    """
    import numpy as np

    start, end = pool["start_token"], pool["end_token"]
    lengths = np.concatenate([np.diff(shard.ends.astype(np.int64), prepend=0) for shard in opened])
    sizes = np.concatenate([shard.text_bytes.astype(np.int64) for shard in opened])
    begins, tokens = np.cumsum(lengths) - lengths, int(lengths.sum())
    documents = size = 0
    for epoch in range(start // tokens, -(-end // tokens)):
        when = order.places_in_epoch(seed, pool["name"], tokens, epoch, begins) + epoch * tokens
        hit = (when >= start) & (when < end)
        documents += int(hit.sum())
        size += int(sizes[hit].sum())
    return documents, size


def _provenance(found: Findings, read: Mapping[str, Mapping[str, Any]]) -> None:
    """The provenance names these manifests, steps, sources and shards, and its inputs add up."""
    said, path = provenance.read(found.run), provenance.FILE
    _sealed(found, path, said)
    ids = {stage: manifest["id"] for stage, manifest in read.items()}
    found.equal(path, "manifests", ids, said.get("manifests"))
    for name, identity in said["steps"].items():
        receipt = read_receipt(found.run, name)
        known = receipt.identity if receipt else None
        found.equal(path, f"step {name}", known, identity)
    record = json.loads((found.run / RECORD).read_text(encoding="utf-8"))["curation"]
    sources = [
        {key: one[key] for key in row}
        for row, one in zip(said["sources"], record["sources"], strict=True)
    ]
    found.equal(path, "sources", sources, said["sources"])
    built = read_receipt(found.run, "build")
    pools = [] if built is None else built.counts["pools"]
    licence_of = {one["name"]: one["licence"] for one in said["sources"]}
    for stage, manifest in read.items():
        name, way = f"manifests/{stage}.json", conservation(found.run, pools)
        found.equal(name, "conservation", way, manifest["conservation"])
        for pool in [*manifest["pools"], *manifest["validation"]]:
            named = licences(pool["sources"], licence_of)
            found.equal(name, f"{pool['name']}: licences", named, pool["licences"])
    for key, count in said["counts"].get("shards", {}).items():
        total = sum(shard[key] for pool in pools for shard in pool["shards"])
        found.equal(path, f"{key} of the shards", total, count)
    for key in ("documents", "text_bytes"):
        total = sum(one[key] for one in said["inputs"])
        found.equal(path, f"{key} of the inputs", total, said["counts"][key])
