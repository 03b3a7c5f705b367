"""Exports of samples hold every sample of a stage, in its order, and say where documents begin."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.integration.readers import litdata, llmc, mds
from tests.unit.stage_run import Taken, write_run

import gamayun_data as gd
from gamayun_data import _core, manifests
from gamayun_data.errors import ConfigError, IntegrityError
from gamayun_data.loader import TokenDataset

POOLS = {
    "en-web": [n * 37 % 900 for n in range(120)],
    "ru-web": [70_000, 0, 1, 77, 3, 0],
    "zh-web": [0] * 99,
}
STAGES = [
    Taken("one", 64, {"en-web": 300, "ru-web": 1101, "zh-web": 1}),
    Taken("two", 320, {"en-web": 90, "ru-web": 270, "zh-web": 2}),
]


def _llmc(folder: Path, length: int) -> list[NDArray[Any]]:
    tokens = [llmc.read(path) for path in sorted(folder.glob("tokens_*.bin"))]
    return list(np.concatenate(tokens).reshape(-1, length))


Read = Callable[[Path, int], list[NDArray[Any]]]
READERS: dict[str, Read] = {
    "mds": lambda folder, _: [tokens for tokens, _ in mds.read(folder)],
    "litdata": lambda folder, _: litdata.read(folder),
    "llmc": _llmc,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "run"
    held_out = {"en-web": [500, 0, 60], "ru-web": [9]}
    return write_run(folder, POOLS, STAGES, validation=held_out, shard_bytes=40_000)


@pytest.mark.parametrize("format", READERS)
def test_every_sample_is_in_its_place(run: Path, tmp_path: Path, format: str) -> None:
    out = tmp_path / "out"
    made = gd.export_shards(run, out, format=format)
    assert made.order == "exact"
    for stage in STAGES:
        wanted = TokenDataset(run, stage.name)
        found = READERS[format](out / stage.name, stage.length)
        assert np.array_equal(found, wanted.batch(range(len(wanted))).tokens)
    wanted = TokenDataset(run, "one", validation=True)
    found = READERS[format](out / "validation", STAGES[0].length)
    assert np.array_equal(found, wanted.batch(range(len(wanted))).tokens)


def test_starts_of_mds_are_those_of_the_loader(run: Path, tmp_path: Path) -> None:
    gd.export_shards(run, tmp_path / "out", format="mds")
    most = 0
    for stage in STAGES:
        wanted = TokenDataset(run, stage.name)
        for sample, (_, starts) in enumerate(mds.read(tmp_path / "out" / stage.name)):
            assert starts == wanted[sample].cu_seqlens[:-1].tolist()
            most = max(most, len(starts))
    assert most > 255  # a length of two bytes


@pytest.mark.parametrize("format", READERS)
def test_files_end_with_samples(run: Path, tmp_path: Path, format: str) -> None:
    manifest = manifests.read(run / "manifests" / "two.json")
    reader = manifests.reader(run, manifest)
    out = tmp_path / "out"
    pools = [row["name"] for row in manifest["pools"]]
    files = _core.export_samples(format, reader, pools=pools, folder=out, file_bytes=6400)
    assert [samples for _, samples in files] == [10] * 36 + [2]
    assert all((out / file[0]).stat().st_size == file[1] for file, _ in files)
    if format == "llmc":
        found = _llmc(out, 320)
        wanted = TokenDataset(run, "two")
        assert np.array_equal(found, wanted.batch(range(len(wanted))).tokens)


@pytest.mark.parametrize("format", ["mds", "litdata"])
def test_ids_up_to_the_end_of_the_type(tmp_path: Path, format: str) -> None:
    for vocab_size, dtype in [(1 << 16, "uint16"), (1 << 31, "uint32")]:
        stages = [Taken("one", 8, {"en-web": 4})]
        folder = tmp_path / dtype
        write_run(folder, {"en-web": [30, 0, 40]}, stages, vocab_size=vocab_size)
        gd.export_shards(folder, folder / "out", format=format)
        found = READERS[format](folder / "out" / "one", 8)
        assert {one.dtype.name for one in found} == {dtype}
        wanted = TokenDataset(folder, "one").batch(range(4)).tokens
        assert np.array_equal(found, wanted)


def test_llmc_has_no_wide_ids(tmp_path: Path) -> None:
    stages = [Taken("one", 8, {"en-web": 4})]
    write_run(tmp_path / "run", {"en-web": [30, 0, 40]}, stages, vocab_size=70_000)
    with pytest.raises(ConfigError, match="llmc has ids of 16 bits, the shards have 32"):
        gd.export_shards(tmp_path / "run", tmp_path / "out", format="llmc")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("format", READERS)
def test_the_same_run_gives_the_same_bytes(run: Path, tmp_path: Path, format: str) -> None:
    trees = []
    for name in ("a", "b"):
        gd.export_shards(run, tmp_path / name, format=format)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        trees.append([(p.relative_to(tmp_path / name), p.read_bytes()) for p in files])
    assert trees[0] == trees[1]


def test_damaged_shards_do_not_pass_the_golden_samples(tmp_path: Path) -> None:
    stages = [Taken("one", 8, {"en-web": 9})]
    run = write_run(tmp_path / "run", {"en-web": [50, 60]}, stages)
    payload = next((run / "shards").rglob("*.bin"))
    data = bytearray(payload.read_bytes())
    data[3] ^= 1
    payload.write_bytes(data)
    with pytest.raises(IntegrityError, match="sample 0 is not the golden one"):
        gd.export_shards(run, tmp_path / "out", format="mds")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_record_counts_samples(run: Path, tmp_path: Path) -> None:
    gd.export_shards(run, tmp_path / "out", format="litdata", stage="one")
    record = json.loads((tmp_path / "out" / "export.json").read_text("utf-8"))
    assert record["order"] == "exact"
    one, held_out = record["stages"]
    assert (one["samples"], one["tokens"]) == (1402, 1402 * 64)
    assert held_out["samples"] == -(-562 // 64) - 1
    paths = {file["path"] for file in record["files"]}
    assert {"one/index.json", "one/chunk-0-0.bin", "validation/index.json"} <= paths
