"""Same input, same bytes: whatever the threads, the split of the files or their order."""

from __future__ import annotations

import gzip
import io
import random
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

import gamayun_data

if TYPE_CHECKING:
    from tests.integration.conftest import Digests

pytestmark = pytest.mark.slow


def lines(paths: list[Path]) -> list[bytes]:
    """The lines of compressed files, good and bad."""
    found: list[bytes] = []
    for path in paths:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(raw)
        else:
            decoder = zstandard.ZstdDecompressor()
            data = decoder.stream_reader(io.BytesIO(raw), read_across_frames=True).read()
        found += [line for line in data.split(b"\n") if line]
    return found


def deal(items: list[bytes], seed: int) -> list[bytes]:
    """Lines in three uneven heaps, in another order."""
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)
    cuts = (0, len(items) // 7, len(items) // 2, len(items))
    heaps = pairwise(cuts)
    return [b"".join(line + b"\n" for line in shuffled[a:b]) for a, b in heaps]


def split_differently(sample: Path, folder: Path) -> Path:
    """The sample with its records in other files, in another order and compressed otherwise."""
    folder.mkdir()
    for name, pattern, suffix in (
        ("web", "web-*", "jsonl"),
        ("stem", "stem.*", "jsonl"),
        ("code", "code.*", "jsonl"),
        ("notes", "notes.*", "txt"),
    ):
        one, two, three = deal(lines(sorted(sample.glob(pattern))), seed=5)
        (folder / f"{name}-b.{suffix}").write_bytes(one)
        (folder / f"{name}-a.{suffix}.gz").write_bytes(gzip.compress(two))
        (folder / f"{name}-c.{suffix}.zst").write_bytes(zstandard.compress(three))
    books = pq.read_table(sample / "books.parquet")
    other = books.take(pa.array(range(len(books) - 1, -1, -1)))
    pq.write_table(other.slice(0, 20), folder / "books-1.parquet", row_group_size=7)
    pq.write_table(other.slice(20), folder / "books-0.parquet", row_group_size=1000)
    recipe = (sample / "recipe.toml").read_text(encoding="utf-8")
    for old, new in (
        ('"books.parquet"', '"books-*.parquet"'),
        ('"web-*.jsonl.zst", "web-*.jsonl.gz"', '"web-*"'),
        ('"notes.txt.gz"', '"notes-*"'),
        ('"stem.jsonl.zst"', '"stem-*"'),
        ('"code.jsonl.zst"', '"code-*"'),
    ):
        assert old in recipe
        recipe = recipe.replace(old, new)
    path = folder / "recipe.toml"
    path.write_text(recipe, encoding="utf-8")
    return path


@pytest.mark.parametrize("threads", [1, 5])
def test_threads_change_nothing(run: Path, digests: Digests, tmp_path: Path, threads: int) -> None:
    gamayun_data.curate(sample=True, output=tmp_path / "run", threads=threads)
    assert digests(tmp_path / "run") == digests(run)


def test_the_split_of_the_files_changes_nothing(
    run: Path, digests: Digests, sample: Path, tmp_path: Path
) -> None:
    recipe = split_differently(sample, tmp_path / "input")
    gamayun_data.curate(recipe=recipe, output=tmp_path / "run", threads=2)
    assert digests(tmp_path / "run") == digests(run)


def test_a_moved_copy_changes_nothing(
    run: Path, digests: Digests, sample: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample, tmp_path / "elsewhere")
    recipe = tmp_path / "elsewhere" / "recipe.toml"
    gamayun_data.curate(recipe=recipe, output=tmp_path / "run", threads=2)
    assert digests(tmp_path / "run") == digests(run)


def test_another_seed_changes_the_order(run: Path, digests: Digests, tmp_path: Path) -> None:
    gamayun_data.curate(sample=True, output=tmp_path / "run", threads=2, seed=18)
    ours, theirs = digests(run), digests(tmp_path / "run")
    assert {name for name in ours if name.endswith(".bin") and theirs.get(name) != ours[name]}
