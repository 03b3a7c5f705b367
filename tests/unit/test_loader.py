"""The loader gives what going through the pools token by token gives, in any process."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import pickle
import runpy
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.unit.stage_run import SEED, Taken, write_run

from gamayun_data.errors import ConfigError, FormatError, IntegrityError
from gamayun_data.shards import open_shard

if TYPE_CHECKING:
    from gamayun_data.loader import Batch, TokenDataset

loader = pytest.importorskip("gamayun_data.loader")
torch_adapter = pytest.importorskip("gamayun_data.loader.torch_adapter")
TWIN = runpy.run_path(str(Path(__file__).parents[1] / "golden" / "order" / "make.py"))

POOLS = {
    "en-web": [n * 7 % 90 for n in range(300)],
    "ru-web": [9000, 1, 0, 77, 3],
    "zh-web": [40] * 9,
}
STAGES = [
    Taken("one", 64, {"en-web": 500, "ru-web": 300, "zh-web": 3}),
    Taken("two", 96, {"en-web": 90, "ru-web": 101, "zh-web": 40}),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"), POOLS, STAGES)


def known(run: Path, pool: str) -> list[tuple[int, str, int]]:
    """Each token of a pool: the id, its document, and its place in the document."""
    tokens = []
    for path in sorted((run / "shards" / pool).glob("*.gdx")):
        shard = open_shard(path)
        for i in range(len(shard)):
            tokens += [(int(t), shard.id(i), at) for at, t in enumerate(shard.document(i))]
    return tokens


def slowly(run: Path, number: int) -> list[list[tuple[int, str, int]]]:
    """Every sample of a stage, token by token, by the program that made the golden cases."""
    stage, names = STAGES[number], list(POOLS)
    tokens = {name: known(run, name) for name in names}
    samples = [stage.samples[name] for name in names]
    rows = []
    for pool, k in TWIN["stage_order"](samples, SEED, stage.name):
        name = names[pool]
        earlier = sum(s.samples[name] * s.length for s in STAGES[:number])
        begin, count = earlier + k * stage.length, len(tokens[name])
        places = [
            TWIN["stream_place"](name, SEED, count, token)[1]
            for token in range(begin, begin + stage.length)
        ]
        rows.append([tokens[name][place] for place in places])
    return rows


@pytest.mark.parametrize("number", [0, 1])
def test_every_sample_is_what_the_page_says(run: Path, number: int) -> None:
    dataset = loader.TokenDataset(run, STAGES[number].name)
    expected = slowly(run, number)
    batch = dataset.batch(range(len(dataset)))
    assert batch.tokens.dtype == np.uint16
    assert batch.tokens.tolist() == [[token for token, _, _ in row] for row in expected]
    flat = [one for row in expected for one in row]
    ids = [bytes(raw).hex() for raw in batch.ids]
    assert [ids[i] for i in np.repeat(np.arange(len(ids)), batch.lengths)] == [
        d for _, d, _ in flat
    ]
    inside = batch.per_token(batch.offsets) + batch.positions()
    assert inside.ravel().tolist() == [at for _, _, at in flat]
    assert (batch.positions()[:, 0] == 0).all()
    assert np.array_equal(batch.per_token(batch.rows)[:, -1], np.arange(len(dataset)))


def test_the_stretches_of_a_sample_are_traced_to_the_shards(run: Path) -> None:
    dataset = loader.TokenDataset(run, "two")
    for stretch in dataset.stretches([200, 0, 5]):
        shard = open_shard(run / stretch.shard)
        found = dataset[stretch.sample].tokens[0, stretch.start : stretch.start + stretch.tokens]
        held = shard.document(stretch.place)[stretch.offset : stretch.offset + stretch.tokens]
        assert found.tolist() == held.tolist()
        assert shard.id(stretch.place) == stretch.id
        assert shard.language_names[shard.languages[stretch.place]] == stretch.language
        assert stretch.shard.startswith(f"shards/{stretch.pool}/")
        assert stretch.source == "web"
    assert {stretch.sample for stretch in dataset.stretches([200, 0, 5])} == {200, 0, 5}


def test_cursors_are_what_was_read_of_each_pool(run: Path) -> None:
    one, two = loader.TokenDataset(run, "one"), loader.TokenDataset(run, "two")
    half = one.cursors(400)
    counts = np.bincount(one.pools_of(range(400)), minlength=3) * 64
    assert half == dict(zip(POOLS, counts.tolist(), strict=True))
    assert one.cursors(len(one)) == two.cursors(0)


def test_lengths_that_divide_cut_the_same_tokens(run: Path) -> None:
    whole = loader.TokenDataset(run, "two", overlap=1)
    parts = loader.TokenDataset(run, "two", seq_len=24, overlap=1)
    assert len(parts) == 4 * len(whole)
    rows = whole.batch(range(len(whole))).tokens
    cut = parts.batch(range(len(parts))).tokens
    assert np.array_equal(cut[:, :24].reshape(-1, 96), rows[:, :96])
    assert np.array_equal(cut[3::4, 24], rows[:, 96])
    assert np.array_equal(cut[0::4, 24], rows[:, 24])


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "int32", "int64"])
def test_tokens_go_into_the_callers_array(run: Path, dtype: str) -> None:
    dataset = loader.TokenDataset(run, "one", dtype=dtype)
    out = np.zeros((3, 64), dtype)
    batch = dataset.batch([5, 7, 5], out=out, documents=False)
    assert batch.tokens is out
    assert out.dtype == dtype
    assert out.tolist() == loader.TokenDataset(run, "one").batch([5, 7, 5]).tokens.tolist()
    assert len(batch.ids) == 0


@pytest.mark.parametrize("packing", ["best_fit", "pow2"])
def test_packed_samples_hold_the_same_tokens(run: Path, packing: str) -> None:
    plain = loader.TokenDataset(run, "one")
    packed = loader.TokenDataset(run, "one", packing=packing)
    every = range(len(plain))
    assert np.array_equal(packed.pools_of(every), plain.pools_of(every))
    held = []
    for dataset in (plain, packed):
        batch = dataset.batch(every)
        owners = batch.per_token(np.arange(len(batch.ids))).ravel()
        places = (batch.per_token(batch.offsets) + batch.positions()).ravel().tolist()
        ids = [batch.ids[owner].tobytes() for owner in owners]
        held.append(sorted(zip(ids, places, batch.tokens.ravel().tolist(), strict=True)))
    assert held[0] == held[1]
    assert packed.cursors(len(packed)) == plain.cursors(len(plain))
    with pytest.raises(ConfigError, match="0 or all of them"):
        packed.cursors(5)


def test_best_fit_cuts_few_documents(run: Path) -> None:
    names = ("concat", "best_fit", "pow2")
    cuts = [loader.TokenDataset(run, "one", packing=name).cuts() for name in names]
    assert len({cut.documents for cut in cuts}) == 1
    assert cuts[1].rate < 0.25 * cuts[0].rate < cuts[2].rate
    with pytest.raises(ConfigError, match="expected concat, best_fit or pow2, found none"):
        loader.TokenDataset(run, "two", packing="none")
    with pytest.raises(ConfigError, match="overlap: no token follows"):
        loader.TokenDataset(run, "two", packing="best_fit", overlap=1)


def test_arrays_that_do_not_fit_are_refused(run: Path) -> None:
    dataset = loader.TokenDataset(run, "one")
    with pytest.raises(ConfigError, match=r"192 tokens, expected 2 × 64"):
        dataset.batch([1, 2], out=np.zeros((3, 64), np.uint16))
    with pytest.raises(ValueError, match="rows that follow each other"):
        dataset.batch([1, 2], out=np.zeros((64, 2), np.uint16).T)
    with pytest.raises(TypeError):
        dataset.batch([1, 2], out=np.zeros((2, 64), np.float32))
    with pytest.raises(ConfigError, match="no sample 803; the stage has 803"):
        dataset.batch([803])
    with pytest.raises(IndexError, match="sample 803 of 803"):
        dataset[803]
    assert dataset[-1].samples.tolist() == [802]


def test_wide_ids_need_a_wide_type(tmp_path: Path) -> None:
    run = write_run(tmp_path, {"en-web": [99]}, [Taken("s", 10, {"en-web": 3})], vocab_size=70_000)
    assert loader.TokenDataset(run, "s").dtype == np.uint32
    with pytest.raises(ConfigError, match="dtype: expected one of uint32, int32, int64"):
        loader.TokenDataset(run, "s", dtype=np.uint16)
    with pytest.raises(ConfigError, match="too narrow"):
        loader.TokenDataset(run).batch([0], out=np.zeros((1, 10), np.uint16))


def test_stages_that_are_not_there_are_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected one of one, two, found three"):
        loader.TokenDataset(run, "three")
    with pytest.raises(ConfigError, match="expected one of one, two, found None"):
        loader.TokenDataset(run)
    with pytest.raises(ConfigError, match="no stage has been built there"):
        loader.TokenDataset(tmp_path)
    with pytest.raises(ConfigError, match="of stage `one`, not of `two`"):
        loader.TokenDataset(run / "manifests" / "one.json", "two")
    with pytest.raises(ConfigError, match="windows of 40 tokens do not divide"):
        loader.TokenDataset(run, "one", seq_len=40)
    with pytest.raises(ConfigError, match="seq_len: 0 is below 1"):
        loader.TokenDataset(run, "one", seq_len=0)
    with pytest.raises(ConfigError, match="overlap: expected 0 or 1, found 2"):
        loader.TokenDataset(run, "one", overlap=2)


def test_a_changed_manifest_is_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path, {"en-web": [99]}, [Taken("s", 10, {"en-web": 3})])
    path = run / "manifests" / "s.json"
    manifest: dict[str, Any] = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"seed": 18}))
    with pytest.raises(IntegrityError, match="its id is not that of its content"):
        loader.TokenDataset(run)
    path.write_text(json.dumps(manifest | {"version": 1}))
    with pytest.raises(FormatError, match="version 1, expected 3"):
        loader.TokenDataset(run)


def test_golden_samples_prove_order_and_tokens(tmp_path: Path) -> None:
    run = write_run(tmp_path, {"en-web": [99] * 80}, [Taken("s", 10, {"en-web": 700})])
    dataset = loader.TokenDataset(run)
    assert dataset.prove() == 9
    for one in dataset.manifest["golden"]:
        tokens = dataset[one["sample"]].tokens
        assert one["sha256"] == hashlib.sha256(tokens.tobytes()).hexdigest()
    path = run / "shards" / "en-web" / "00000.bin"
    path.write_bytes(b"\1" * path.stat().st_size)
    with pytest.raises(IntegrityError, match=r"s\.json: sample 0 has sha256"):
        loader.TokenDataset(run).prove()


def test_the_validation_set_is_read_once(tmp_path: Path) -> None:
    held_out = {"en-web": [50] * 9, "ru-web": [31], "zh-web": [3]}
    stages = [Taken("s", 10, {"en-web": 3})]
    run = write_run(tmp_path, {"en-web": [99]}, stages, validation=held_out)
    dataset = loader.TokenDataset(run, validation=True, seq_len=16, overlap=1)
    assert dataset.stage == "s/validation"
    assert dataset.pools == ("validation/en-web", "validation/ru-web", "validation/zh-web")
    # 459, 32 and 4 tokens, one of each kept for the last label
    assert np.bincount(dataset.pools_of(range(len(dataset)))).tolist() == [28, 1]
    read = {(s.id, s.offset + i) for s in dataset.stretches(range(29)) for i in range(s.tokens)}
    assert len(read) == 29 * 16
    assert len(loader.TokenDataset(run, validation=True)) == 45 + 3
    again = pickle.loads(pickle.dumps(dataset))
    assert again.batch(range(29)).tokens.tolist() == dataset.batch(range(29)).tokens.tolist()
    assert dataset.prove() == 0
    with pytest.raises(ConfigError, match="no pool of the validation set has 1000 tokens"):
        loader.TokenDataset(run, validation=True, seq_len=1000)
    state = loader.TokenLoader(dataset, 1).state_dict()
    with pytest.raises(IntegrityError, match="taken in stage `s/validation`"):
        loader.TokenLoader(loader.TokenDataset(run), 1).load_state_dict(state)


def test_a_shard_that_was_changed_is_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path, {"en-web": [99] * 80}, [Taken("s", 10, {"en-web": 700})])
    (run / "shards" / "en-web" / "00001.bin").write_bytes(b"")
    dataset = loader.TokenDataset(run)
    with pytest.raises(FormatError, match=r"00001\.bin"):
        dataset.batch(range(len(dataset)))


def digest(dataset: TokenDataset, numbers: list[int]) -> bytes:
    return digest_of(dataset.batch(numbers))


def digest_of(batch: Batch) -> bytes:
    return bytes(batch.tokens.tobytes() + batch.ids.tobytes() + batch.positions().tobytes())


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_read_the_same(run: Path, method: str) -> None:
    dataset = loader.TokenDataset(run, "one", overlap=1, dtype="int32", open_shards=2)
    numbers = [[n, 802 - n, 400] for n in range(8)]
    here = [digest(dataset, one) for one in numbers]
    # What the processes call is the package's: tests cannot be imported there. A process that
    # dies leaves the pool waiting, so the wait has an end.
    with multiprocessing.get_context(method).Pool(2) as processes:
        there = processes.map_async(dataset.batch, numbers).get(timeout=120)
    assert [digest_of(batch) for batch in there] == here


def test_a_pickled_stage_is_the_same(run: Path) -> None:
    dataset = loader.TokenDataset(run, "one", seq_len=32, overlap=1, dtype="int64")
    again = pickle.loads(pickle.dumps(dataset))
    assert (again.identity, len(again), again.dtype) == (dataset.identity, 1606, np.int64)
    assert digest(again, [9]) == digest(dataset, [9])


def test_steps_for_torch_are_those_of_the_loader(run: Path) -> None:
    mine = loader.TokenLoader(loader.TokenDataset(run, "two"), 3, rank=1, world_size=2)
    steps = torch_adapter.TorchSteps(mine)
    assert len(steps) == len(mine) == 39
    for step, batch in enumerate(list(mine)):
        mine.load_state_dict(mine.state_dict() | {"sample": 0})
        item = steps[step]
        assert item["samples"].tolist() == batch.samples.tolist()
        assert item["tokens"].tolist() == batch.tokens.tolist()
        assert item["cu_seqlens"].tolist() == batch.cu_seqlens.tolist()
        assert {a.dtype.name for a in item.values()} == {"int32", "int64"}
    bare = torch_adapter.TorchSteps(loader.TokenLoader(mine.dataset, 3, documents=False))
    assert set(bare[0]) == {"tokens", "samples"}


def test_documents_of_a_step_are_those_of_all_ranks(run: Path) -> None:
    dataset = loader.TokenDataset(run, "two")
    ranks = [loader.TokenLoader(dataset, 2, rank=r, world_size=3) for r in range(3)]
    found = {stretch.sample for stretch in ranks[0].stretches(4)}
    assert found == {sample for rank in ranks for sample in rank.samples(4)} == set(range(24, 30))


def test_the_manifest_counts_the_documents_that_begin(run: Path) -> None:
    manifests = pytest.importorskip("gamayun_data.manifests")
    verification = pytest.importorskip("gamayun_data.verified_manifests")
    for stage in STAGES:
        dataset = loader.TokenDataset(run, stage.name)
        batch = dataset.batch(range(len(dataset)))
        for number, pool in enumerate(dataset.manifest["pools"]):
            begun = int(((batch.pools == number) & (batch.offsets == 0)).sum())
            opened = [open_shard(run / shard["bin"]) for shard in pool["shards"]]
            track = manifests.Track.of(pool["name"], SEED, opened)
            claimed = track.between(pool["start_token"], pool["end_token"])
            assert claimed == verification._begun(opened, SEED, pool)
            assert claimed[0] == begun


def test_batch_sizes_that_cannot_be_are_refused(run: Path) -> None:
    dataset = loader.TokenDataset(run, "one")
    with pytest.raises(ConfigError, match="batch_size: expected at least 1, found 0"):
        loader.TokenLoader(dataset, 0)
    with pytest.raises(ConfigError, match="rank: expected from 0 to 1, found 2"):
        loader.TokenLoader(dataset, 1, rank=2, world_size=2)
    with pytest.raises(IndexError, match="step 803 of 803"):
        loader.TokenLoader(dataset, 1).batch(803)


def test_lengths_of_documents_sum_to_the_pool(run: Path) -> None:
    """The run of these tests has many shards a pool, and epochs after the first."""
    for name, lengths in POOLS.items():
        tokens = list(accumulate(n + 1 for n in lengths))[-1]
        assert len(known(run, name)) == tokens
        read = sum(stage.samples[name] * stage.length for stage in STAGES)
        assert read > tokens
    assert len(list((run / "shards" / "en-web").glob("*.gdx"))) > 5
