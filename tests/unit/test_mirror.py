"""A run in an object store gives what it gives from a disk, and is fetched no more than needed."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.unit import shard_writer
from tests.unit.stage_run import Taken, write_run

from gamayun_data.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    from gamayun_data.loader import TokenDataset

fsspec = pytest.importorskip("fsspec")
loader = pytest.importorskip("gamayun_data.loader")

POOLS = {"en-web": [n * 7 % 90 for n in range(300)], "ru-web": [700, 1, 0, 77, 3] * 9}
STAGES = [
    Taken("one", 64, {"en-web": 150, "ru-web": 80}),
    Taken("two", 64, {"en-web": 50, "ru-web": 41}),
]
BLOCK = 256


class Counted:
    """The store's reads, as (file, first byte or none for a whole file)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from fsspec.implementations.local import LocalFileSystem

        self.reads: list[tuple[str, int | None]] = []
        plain = LocalFileSystem.cat_file

        def cat_file(
            store: LocalFileSystem, path: str, start: int | None = None, end: int | None = None
        ) -> bytes:
            self.reads.append(("/".join(Path(path).parts[-2:]), start))
            data: bytes = plain(store, path, start=start, end=end)
            return data

        monkeypatch.setattr(LocalFileSystem, "cat_file", cat_file)

    @property
    def payload(self) -> list[tuple[str, int | None]]:
        return [read for read in self.reads if read[0].endswith(".bin")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard_writer, "BLOCK_TOKENS", BLOCK)
        return write_run(tmp_path_factory.mktemp("run"), POOLS, STAGES, shard_bytes=9000)


def opened(run: Path, cache: Path, stage: str = "one", **options: Any) -> TokenDataset:  # noqa: ANN401
    dataset: TokenDataset = loader.TokenDataset(f"file://{run}", stage, cache=cache, **options)
    return dataset


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"overlap": 1},
        {"seq_len": 32, "dtype": "int64"},
        {"packing": "best_fit"},
        {"packing": "pow2"},
    ],
)
@pytest.mark.parametrize("stage", ["one", "two"])
def test_batches_are_those_of_a_disk(
    run: Path, tmp_path: Path, stage: str, options: dict[str, Any]
) -> None:
    near = loader.TokenDataset(run, stage, **options)
    far = pickle.loads(pickle.dumps(opened(run, tmp_path, stage, **options)))
    assert len(far) == len(near)
    order = np.random.default_rng(5).permutation(len(near))
    for numbers in np.array_split(order, 9):
        mine, theirs = far.batch(numbers), near.batch(numbers)
        for name in ("tokens", "cu_seqlens", "languages", "sources", "pools", "ids", "offsets"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
    assert far.cuts() == near.cuts()
    assert far.prove() == near.prove() > 0


def test_only_what_is_needed_is_fetched_and_once(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    stage = opened(run, tmp_path)
    assert [name for name, _ in counted.reads] == [
        "manifests/one.json",
        "en-web/00000.gdx",
    ]
    stage.batch([0], documents=False)
    stage.batch([0])
    first = len(counted.payload)
    assert 0 < first <= 4  # a block or two of one pool, and the next one ahead
    for sample in range(len(stage)):
        stage.batch([sample])
    fetched = counted.payload
    assert first < len(fetched) == len(set(fetched))
    sparse = sum(path.stat().st_blocks * 512 for path in tmp_path.rglob("*.bin"))
    whole = sum(path.stat().st_size for path in (run / "shards").rglob("*.bin"))
    assert sparse <= whole + 4096 * len(fetched)


def test_what_was_fetched_serves_the_next(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = range(len(loader.TokenDataset(run, "one")))
    opened(run, tmp_path).batch(everything)
    stage = opened(run, tmp_path)
    expected = stage.batch(everything).tokens
    counted = Counted(monkeypatch)
    np.testing.assert_array_equal(opened(run, tmp_path).batch(everything).tokens, expected)
    # The blocks ahead of the last sample may be on their way still.
    assert not [name for name, _ in counted.reads if name.endswith(".gdx")]
    assert len(counted.payload) <= 2
    # A block that a killed process left half written is fetched again.
    for path in tmp_path.rglob("*.bin"):
        with path.open("r+b") as out:
            out.seek(100)
            out.write(b"\0" * 50)
    np.testing.assert_array_equal(opened(run, tmp_path).batch(everything).tokens, expected)
    # So is an index of another shard.
    for path in tmp_path.rglob("*.gdx"):
        path.write_bytes(b"another")
    np.testing.assert_array_equal(opened(run, tmp_path).batch(everything).tokens, expected)


def test_damage_in_the_store_is_named(run: Path, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    payload = copy / "shards" / "ru-web" / "00000.bin"
    data = bytearray(payload.read_bytes())
    data[200] ^= 1
    payload.write_bytes(data)
    stage = opened(copy, tmp_path / "cache")
    told = r"shards/ru-web/00000.bin: bytes \d+ to \d+ are not those that the index promises"
    with pytest.raises(IntegrityError, match=told):
        stage.batch(range(len(stage)))
    index = payload.with_suffix(".gdx")
    index.write_bytes(index.read_bytes()[:-1] + b"?")
    stage = opened(copy, tmp_path / "other")
    with pytest.raises(IntegrityError, match=r"shards/ru-web/00000.gdx: its sha256 is not"):
        stage.batch(range(len(stage)))


def test_refusals(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="needs a local folder as `cache`"):
        loader.TokenDataset(f"file://{run}", "one")
    with pytest.raises(ConfigError, match="goes with the URL of an object store"):
        loader.TokenDataset(run, "one", cache=tmp_path)
    with pytest.raises(ConfigError, match=re.escape("stage: expected one of one, two, found x")):
        opened(run, tmp_path, "x")
    direct = loader.TokenDataset(f"file://{run}/manifests/two.json", cache=tmp_path)
    assert direct.stage == "two"
    assert len(direct.batch([3]).tokens) == 1
