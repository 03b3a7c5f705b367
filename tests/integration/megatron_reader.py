"""Shows that megatron-core reads our payloads: a side file each, no copy of the tokens.

    python tests/integration/megatron_reader.py [INDEX.gdx ...]

Needs megatron-core and torch, so it is a script and not a test of every day. Without arguments it
reads the golden shards.
"""

from __future__ import annotations

import struct
import sys
import tempfile
import tomllib
from pathlib import Path

import numpy as np
from megatron.core.datasets.indexed_dataset import IndexedDataset

from gamayun_data.shards import Shard, open_shard

GOLDEN = Path(__file__).parents[1] / "golden" / "shards.toml"
UINT16, INT32 = 8, 4  # megatron's codes; 32-bit ids are below 2**31, so signed or not is one


def write_idx(shard: Shard, path: Path) -> None:
    """Write megatron's index of a shard: one sequence a document."""
    lengths = np.diff(shard.ends.astype(np.int64), prepend=0)
    starts = (shard.ends.astype(np.int64) - lengths) * shard.tokens.itemsize
    code = UINT16 if shard.tokens.itemsize == 2 else INT32
    with path.open("wb") as file:
        file.write(b"MMIDIDX\0\0" + struct.pack("<QB", 1, code))
        file.write(struct.pack("<QQ", len(lengths), len(lengths) + 1))
        file.write(lengths.astype("<i4").tobytes())
        file.write(starts.astype("<i8").tobytes())
        file.write(np.arange(len(lengths) + 1, dtype="<i8").tobytes())


def compare(shard: Shard, folder: Path) -> int:
    """Read the shard through megatron; return its documents, or stop at the first difference."""
    prefix = folder / "shard"
    prefix.with_suffix(".bin").symlink_to(shard.path.with_suffix(".bin").resolve())
    write_idx(shard, prefix.with_suffix(".idx"))
    theirs = IndexedDataset(str(prefix))
    if len(theirs) != len(shard):
        raise SystemExit(f"{shard.path}: {len(theirs)} documents, expected {len(shard)}")
    for place, wanted in enumerate(shard.documents()):
        if not np.array_equal(theirs[place], wanted):
            raise SystemExit(f"{shard.path}: document {place} differs")
    return len(shard)


def golden(folder: Path) -> list[Path]:
    """Write the golden shards to a folder; the paths of their indices."""
    paths: list[Path] = []
    for case in tomllib.loads(GOLDEN.read_text(encoding="utf-8"))["case"]:
        for files in case["shard"]:
            paths.append(folder / f"{len(paths):05}.gdx")
            paths[-1].write_bytes(bytes.fromhex(files["gdx"]))
            paths[-1].with_suffix(".bin").write_bytes(bytes.fromhex(files["bin"]))
    return paths


def main() -> None:
    """Compare each shard named on the command line, or the golden ones."""
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(path) for path in sys.argv[1:]] or golden(Path(name))
        for number, path in enumerate(paths):
            folder = Path(name) / str(number)
            folder.mkdir()
            documents = compare(open_shard(path), folder)
            sys.stdout.write(f"{path}: {documents} documents equal\n")


if __name__ == "__main__":
    main()
