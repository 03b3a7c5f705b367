"""Stopping anywhere and going on with other ranks gives the samples of an uninterrupted run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.stage_run import Taken, write_run

from gamayun_data.errors import ConfigError, IntegrityError

loader = pytest.importorskip("gamayun_data.loader")

PARTS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(0, 9)), min_size=0, max_size=6
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    stages = [
        Taken("one", 16, {"en-web": 150, "ru-web": 61}),
        Taken("two", 16, {"en-web": 5, "ru-web": 9}),
    ]
    pools = {"en-web": list(range(60)), "ru-web": [500, 20, 3]}
    return write_run(tmp_path_factory.mktemp("run"), pools, stages)


@settings(max_examples=150, deadline=None)
@given(parts=PARTS, last=st.tuples(st.integers(1, 5), st.integers(1, 7)))
def test_any_stops_and_any_ranks(
    run: Path, parts: list[tuple[int, int, int]], last: tuple[int, int]
) -> None:
    dataset = loader.TokenDataset(run, "one")
    whole = dataset.batch(range(len(dataset)))
    state = loader.TokenLoader(dataset, 1).state_dict()
    samples, rows = [], []
    for batch_size, world_size, steps in [*parts, (*last, len(dataset))]:
        ranks = [
            loader.TokenLoader(dataset, batch_size, rank=rank, world_size=world_size)
            for rank in range(world_size)
        ]
        for rank in ranks:
            rank.load_state_dict(json.loads(json.dumps(state)))
        lengths = {len(rank) for rank in ranks}
        assert len(lengths) == 1
        ahead = ranks[0].state_after(steps)
        batches = [iter(rank) for rank in ranks]
        for _ in range(min(steps, len(ranks[0]))):
            for batch in map(next, batches):
                samples += batch.samples.tolist()
                rows += batch.tokens.tolist()
        states = [rank.state_dict() for rank in ranks]
        assert all(one == ahead for one in states)
        state = states[0]
    assert samples == list(range(len(dataset)))
    assert rows == whole.tokens.tolist()


@settings(max_examples=60, deadline=None)
@given(ranks=st.integers(1, 9), batch_size=st.integers(1, 9))
def test_a_short_last_step_is_dealt_out_evenly(run: Path, ranks: int, batch_size: int) -> None:
    dataset = loader.TokenDataset(run, "one")
    loaders = [
        loader.TokenLoader(dataset, batch_size, rank=r, world_size=ranks) for r in range(ranks)
    ]
    last = [list(one)[-1] if len(dataset) < 40 else one.batch(len(one) - 1) for one in loaders]
    counts = [len(batch) for batch in last]
    assert max(counts) - min(counts) <= 1
    assert max(counts) <= batch_size


def test_a_state_of_another_stage_is_refused(run: Path) -> None:
    one = loader.TokenLoader(loader.TokenDataset(run, "one"), 4)
    two = loader.TokenLoader(loader.TokenDataset(run, "two"), 4)
    with pytest.raises(IntegrityError, match=r"taken in stage `one` .* this is stage `two`"):
        two.load_state_dict(one.state_dict())
    with pytest.raises(ConfigError, match="version None, expected 1"):
        two.load_state_dict({})


def test_a_state_goes_on_with_shorter_samples(run: Path) -> None:
    whole = loader.TokenLoader(loader.TokenDataset(run, "one"), 3)
    next(iter(whole))
    halves = loader.TokenLoader(loader.TokenDataset(run, "one", seq_len=8), 4)
    halves.load_state_dict(whole.state_dict())
    assert next(iter(halves)).samples.tolist() == [6, 7, 8, 9]
    halves.load_state_dict(halves.state_dict() | {"sample": 7})
    with pytest.raises(ConfigError, match="after 7 samples of 8 tokens no sample of 16 tokens"):
        whole.load_state_dict(halves.state_dict())


def test_a_state_of_other_packing_is_refused(run: Path) -> None:
    plain = loader.TokenLoader(loader.TokenDataset(run, "one"), 3)
    packed = loader.TokenLoader(loader.TokenDataset(run, "one", packing="best_fit"), 3)
    with pytest.raises(ConfigError, match="16 tokens packed by concat, but these are of 16 packed"):
        packed.load_state_dict(plain.state_dict())
    shorter = loader.TokenLoader(loader.TokenDataset(run, "one", packing="best_fit", seq_len=8), 3)
    with pytest.raises(ConfigError, match="of 8 packed by best_fit"):
        shorter.load_state_dict(packed.state_dict())
    state = packed.state_after(4)
    later = packed.batch(4)
    packed.load_state_dict(state)
    assert next(iter(packed)).tokens.tolist() == later.tokens.tolist()
