"""Every kind of fault is named by `verify`, and a whole run is not found fault with."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("xxhash")

from tests.faults.seeded import FAULTS, kinds, make, whole_run
from tests.faults.world import World

import gamayun_data

pytestmark = pytest.mark.slow

KINDS = [fault.__name__ for fault in FAULTS]
AGAIN = ["flip", "flip_in_payload", "truncate", "swap", "other_number", "token", "swapped"] * 2


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The main job on the sample, in many small shards. Only to be read."""
    return whole_run(tmp_path_factory.mktemp("whole") / "run")


def test_a_whole_run_has_no_fault(small: Path) -> None:
    for result in (gamayun_data.verify(small, sample=None), gamayun_data.verify(small, fast=True)):
        assert result.ok, result.problems


def test_settling_a_whole_run_changes_nothing(small: Path, tmp_path: Path) -> None:
    """So the forger's records are those that the package writes, fault apart."""
    world = World(small, tmp_path / "run")
    world.settle()
    for name in [*world.stages, "provenance.json"]:
        assert (world.run / name).read_bytes() == (small / name).read_bytes(), name


@pytest.mark.parametrize(("seed", "kind"), list(enumerate(KINDS + AGAIN)))
def test_a_fault_is_named(small: Path, tmp_path: Path, seed: int, kind: str) -> None:
    outcome = make(small, kind, 5000 + seed, tmp_path)
    assert outcome.named, outcome


def test_all_kinds_are_made_early() -> None:
    assert set(kinds(len(FAULTS))) == set(KINDS)


@pytest.mark.parametrize("kind", ["flip_in_payload", "lose_shard", "add_shard", "swap", "zero"])
def test_damage_is_found_fast(small: Path, tmp_path: Path, kind: str) -> None:
    outcome = make(small, kind, 7, tmp_path)
    assert outcome.named
    assert not gamayun_data.verify(max(tmp_path.iterdir()), fast=True).ok


@pytest.mark.parametrize(("threads", "memory"), [(1, 1), (2, 64 * 1024), (3, None)])
def test_threads_and_memory_change_no_finding(
    small: Path, tmp_path: Path, threads: int, memory: int | None
) -> None:
    outcome = make(small, "shuffled", 3, tmp_path)
    run = max(tmp_path.iterdir())
    again = gamayun_data.verify(run, sample=None, threads=threads, memory=memory)
    told = tuple(f"{one.file}: {one.what}".replace(str(run), "RUN") for one in again.problems)
    assert told == outcome.problems
