"""Writes runs and their exports for the reference readers, and what those must find.

python benches/readers/make.py OUT

OUT/NAME/FORMAT is an export of a run: `narrow` has 16-bit ids, `wide` 32-bit ones, both up to the end of what the
readers can say; their documents have 0, 1 and more than 65,536 tokens beside EOS. OUT/large/FORMAT has a payload of
more than 2^31 bytes, a hole but for its last token. OUT/NAME/expected.json: by stage and pool the hashes of documents,
by stage those of samples. The documents are found token by token of the order, without the exporter's code.
"""

from __future__ import annotations

import hashlib
import json
import runpy
import sys
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.unit import stage_run  # noqa: E402
from tests.unit.shard_writer import Document, Pool, document  # noqa: E402
from tests.unit.stage_run import SEED, Taken, write_run  # noqa: E402

import gamayun_data as gd  # noqa: E402
from gamayun_data import _core  # noqa: E402
from gamayun_data.loader import TokenDataset  # noqa: E402

TWIN = runpy.run_path(str(ROOT / "tests" / "golden" / "order" / "make.py"))
POOLS = {
    "en-web": [n * 37 % 900 for n in range(120)],
    "ru-web": [70_000, 0, 1, 77, 3, 0],
}
STAGES = [
    Taken("one", 64, {"en-web": 300, "ru-web": 1102}),
    Taken("two", 96, {"en-web": 900, "ru-web": 800}),
]
LONG = [3, (1 << 30) + 5, 4, 2]
DOCUMENTS = ("megatron", "datatrove", "olmo", "parquet")
SAMPLES = ("mds", "litdata", "llmc")


def sha1(tokens: Any) -> str:
    return hashlib.sha1(np.asarray(tokens).astype("<u4").tobytes()).hexdigest()[:16]


def at_the_end(vocab_size: int) -> Any:
    """Documents whose ids are at both ends of the type."""

    def made(n: int, length: int, _: int) -> Document:
        ids = [
            1 + (n * 7 + i) % 250 if i % 3 else vocab_size - 1 - (n + i) % 99 for i in range(length)
        ]
        return Document(f"{n + 1:032x}", (n * 2_654_435_761) % 97, [*ids, 0], n % 2, 0, 3 * n)

    return made


def begun(run: Path, stage: str) -> dict[str, Counter[str]]:
    found = {}
    manifest = json.loads((run / "manifests" / f"{stage}.json").read_text("utf-8"))
    for row in manifest["pools"]:
        starts, total = {}, 0
        for shard in gd.open_run(run).shards(row["name"]):
            for tokens in shard.documents():
                starts[total] = sha1(tokens)
                total += len(tokens)
        places = (
            TWIN["stream_place"](row["name"], SEED, total, token)[1]
            for token in range(row["start_token"], row["end_token"])
        )
        found[row["name"]] = Counter(starts[place] for place in places if place in starts)
    return found


def small(out: Path, vocab_size: int) -> None:
    stage_run.document = at_the_end(vocab_size)
    run = write_run(
        out / "run",
        POOLS,
        STAGES,
        validation={"en-web": [5, 0, 60]},
        vocab_size=vocab_size,
        shard_bytes=40_000,
    )
    formats = [one for one in (*DOCUMENTS, *SAMPLES) if one != "llmc" or vocab_size <= 1 << 16]
    for name in formats:
        gd.export_shards(run, out / name, format=name)
    gd.export_shards(run, out / "parquet-samples", format="parquet", by_sample=True)
    samples, starts = {}, {}
    for stage in STAGES:
        data = TokenDataset(run, stage.name)
        samples[stage.name] = [sha1(row) for row in data.batch(range(len(data))).tokens]
        starts[stage.name] = [sha1(data[n].cu_seqlens[:-1]) for n in range(len(data))]
    documents = {stage.name: begun(run, stage.name) for stage in STAGES}
    lengths = {stage.name: stage.length for stage in STAGES}
    facts = {
        "vocab_size": vocab_size,
        "lengths": lengths,
        "documents": documents,
        "samples": samples,
        "starts": starts,
    }
    (out / "expected.json").write_text(json.dumps(facts), encoding="utf-8")


def large(out: Path) -> None:
    ends = list(accumulate(LONG))
    pool = Pool([document(n, 0) for n in range(len(LONG))])
    folder = out / "run" / "shards" / "en-web"
    folder.mkdir(parents=True)
    with (folder / "00000.bin").open("wb") as file:
        file.seek(2 * ends[-1] - 2)
        file.write(b"\7\0")
    (folder / "00000.gdx").write_bytes(pool.index(pool.documents, ends, bytes(32), b"", 7))
    shard = (folder / "00000.bin", ends[-1], "00" * 32)
    for name in ("megatron", "datatrove", "olmo"):
        _core.export_pool(
            name,
            ("en-web", 0, ends[-1], [shard]),
            seed=1,
            tokenizer_sha256=pool.tokenizer_sha256,
            folder=out / name,
            copy=False,
        )
    (out / "expected.json").write_text(
        json.dumps({"vocab_size": 300, "lengths": LONG}), encoding="utf-8"
    )


def main() -> None:
    out = Path(sys.argv[1])
    small(out / "narrow", 1 << 16)
    small(out / "wide", 1 << 31)
    large(out / "large")
    print(f"exports: {out}")


if __name__ == "__main__":
    main()
