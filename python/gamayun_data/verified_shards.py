"""`verify` of the shards: their files, what they hold beside the selection, their tokens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gamayun_data import _core, manifests, shards
from gamayun_data.receipts import read_receipt
from gamayun_data.steps import UsedTokenizer, heard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gamayun_data.findings import Findings
    from gamayun_data.progress import Progress
    from gamayun_data.steps import Limits


def check_files(
    found: Findings, limits: Limits, progress: Progress | None, *, fast: bool
) -> list[dict[str, Any]] | None:
    """Every file is whole and is promised. The pools if all are and can be looked into."""
    receipt = read_receipt(found.run, "build")
    tokenizer = _tokenizer(found)
    if receipt is None or tokenizer is None:
        found.wrong("steps/build.json", "the receipt of the shards, or a manifest, is missing")
        return None
    pools: list[dict[str, Any]] = receipt.counts["pools"]
    promised = list(_promised(found.run, pools))
    _strangers(found, [path for path, _ in promised])
    problems = _core.check_shards(
        [(path, said["bin_sha256"], said["gdx_sha256"]) for path, said in promised],
        level="hashes" if fast else "tokens",
        vocab_size=tokenizer["vocab_size"],
        eos=tokenizer["eos_id"],
        tokenizer_sha256=tokenizer["sha256"],
        threads=limits.threads,
        on_progress=heard(progress, "verify"),
    )
    for file, offset, what in problems:
        found.wrong(file, what, offset)
    found.checked["shards"] += len(promised)
    if problems:
        return None
    for path, said in promised:
        _counts(found, path, said)
    return pools


def _tokenizer(found: Findings) -> Mapping[str, Any] | None:
    first = next(iter(sorted((found.run / "manifests").glob("*.json"))), None)
    if first is None:
        return None
    said: dict[str, Any] = manifests.read(first)["tokenizer"]
    return said


def _promised(run: Path, pools: list[dict[str, Any]]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The payload of every shard, with what the receipt says of it."""
    for pool in pools:
        for shard in pool["shards"]:
            yield run / "shards" / pool["folder"] / shard["bin"], shard


def _strangers(found: Findings, payloads: list[Path]) -> None:
    """Name the files under `shards/` that nothing tells of: who reads a folder would read them."""
    root = found.run / "shards"
    known = {root / "tokenizer.json"}
    for path in payloads:
        known |= {path, path.with_suffix(".gdx")}
    for path in sorted(root.rglob("*")):
        if not path.is_dir() and path not in known:
            found.wrong(path, "no manifest tells of this file")


def _counts(found: Findings, path: Path, said: Mapping[str, Any]) -> None:
    """The counts in an index, read with numpy, are those of the receipt."""
    import numpy as np

    shard = shards.open_shard(path)
    counts = {
        "documents": len(shard),
        "tokens": len(shard.tokens),
        "bytes": int(shard.text_bytes.sum(dtype=np.uint64)),
        "max_id": shard.max_id,
    }
    for key, count in counts.items():
        found.equal(path, key, count, said[key])
    found.checked["tokens"] += counts["tokens"]


def check_contents(
    found: Findings,
    pools: list[dict[str, Any]],
    sample: int | None,
    seed: int,
    limits: Limits,
    progress: Progress | None,
) -> None:
    """The shards hold the selection: each document in its place, as often as it is to be read.

    `sample` documents, drawn with `seed`, are encoded again; all if it is `None`.
    """
    first = min((found.run / "manifests").glob("*.json"))
    manifest = manifests.read(first)
    used = UsedTokenizer.load(found.run / manifest["tokenizer"]["file"])
    folder = found.run / "shards"
    answer = _core.check_contents(
        found.run,
        used.core,
        [
            (
                pool["language"],
                pool["domain"],
                pool["split"],
                [folder / pool["folder"] / shard["gdx"] for shard in pool["shards"]],
            )
            for pool in pools
        ],
        eos=manifest["tokenizer"]["eos_id"],
        seed=manifest["seed"],
        sample=sample,
        sample_seed=seed,
        threads=limits.threads,
        memory=limits.memory,
        on_progress=heard(progress, "contents"),
    )
    contents = json.loads(answer)
    for problem in contents["problems"]:
        found.wrong(problem["file"], problem["what"], problem["offset"])
    if contents["untold"]:
        found.wrong("shards", f"{contents['untold']} more problems with documents are not told")
    found.checked["documents in shards"] += contents["documents"]
    found.checked["documents encoded again"] += contents["encoded"]
