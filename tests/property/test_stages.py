"""What is planned is what the loader reads: random pools, budgets, anchors and stages."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.stage_run import Taken, write_run

from gamayun_data import mix
from gamayun_data.errors import ConfigError
from gamayun_data.policies import Policy
from gamayun_data.recipe import Stage

loader = pytest.importorskip("gamayun_data.loader")

LENGTHS = st.lists(st.integers(0, 400), min_size=1, max_size=30)


@st.composite
def stages(draw: st.DrawFn) -> list[Stage]:
    found = []
    for number in range(draw(st.integers(1, 3))):
        length = draw(st.sampled_from([16, 24, 64]))
        share = draw(st.sampled_from([None, 0.1, 0.37, 0.7]))
        anchors = {} if share is None else {"en": share}
        tokens = length * draw(st.integers(1, 300))
        policy = Policy(draw(st.sampled_from(["natural", "temperature", "unimax"])))
        found.append(
            Stage(f"stage{number}", tokens, length, anchors, max_epochs=9.0, policy=policy)
        )
    return found


@settings(max_examples=60, deadline=None)
@given(lengths=st.lists(LENGTHS, min_size=2, max_size=5), asked=stages())
def test_realised_is_planned(lengths: list[list[int]], asked: list[Stage]) -> None:
    languages = ["en", "ru", "de", "zh", "ar"][: len(lengths)]
    held = {f"{name}-web": of for name, of in zip(languages, lengths, strict=True)}
    pools = [
        mix.Pool(name, name[:2], "web", len(of), sum(of) + len(of), 1) for name, of in held.items()
    ]
    try:
        planned = mix.plan(pools, asked, exact=True)
    except ConfigError:
        assume(False)  # more epochs than are allowed: refused, as other tests show
    taken = [
        Taken(stage.name, stage.sequence_length, {s.pool: s.samples for s in stage.shares})
        for stage in planned.stages
    ]
    with tempfile.TemporaryDirectory() as folder:
        run = write_run(Path(folder), held, taken, shard_bytes=1500)
        times: dict[str, Counter[bytes]] = {name: Counter() for name in held}
        for stage in planned.stages:
            check_stage(run, stage, times)
        for share in planned.stages[-1].shares:
            epochs, part = divmod(share.end_token, share.pool_tokens)
            counts = Counter(times[share.pool].values())
            assert counts[epochs + 1] == part
            assert sum(counts.values()) == (share.pool_tokens if epochs else part)


def check_stage(run: Path, stage: mix.StagePlan, times: dict[str, Counter[bytes]]) -> None:
    """Each pool gives what is planned, within a sample of its part at every block and the end."""
    dataset = loader.TokenDataset(run, stage.name)
    assert len(dataset) == stage.samples
    pools = dataset.pools_of(range(len(dataset)))
    samples = {share.pool: share.samples for share in stage.shares}
    counts = np.bincount(pools, minlength=len(dataset.pools)).tolist()
    assert dict(zip(dataset.pools, counts, strict=True)) == samples
    for share in stage.shares:
        assert abs(share.samples - share.requested * stage.samples) < 1
    batch = dataset.batch(range(len(dataset)))
    places = (batch.per_token(batch.offsets) + batch.positions()).ravel().tolist()
    owners = batch.per_token(np.arange(len(batch.ids))).ravel().tolist()
    for owner, place in zip(owners, places, strict=True):
        name = dataset.pools[batch.pools[owner]]
        times[name][batch.ids[owner].tobytes() + place.to_bytes(4, "big")] += 1
