"""Makes faults by a seed and asks `verify` of each; what it does not name is told.

python -m tests.faults.seeded RUN --count 1000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from tests.faults.forged import FORGED
from tests.faults.plain import PLAIN
from tests.faults.world import World

import gamayun_data
from gamayun_data import config

FAULTS = PLAIN | FORGED
SHARD_BYTES = 24_000
"""So small that pools of the sample have several shards."""


@dataclass(frozen=True)
class Outcome:
    """A fault that was made, and what `verify` said."""

    kind: str
    seed: int
    named: bool
    problems: tuple[str, ...]


def whole_run(folder: Path) -> Path:
    """The main job on the bundled sample, in shards that are small."""
    asked = config.resolve(sample=True)
    asked = replace(asked, shards=replace(asked.shards, max_shard_bytes=SHARD_BYTES))
    gamayun_data.curate(recipe=asked, output=folder, threads=2)
    return folder


def kinds(count: int) -> list[str]:
    """So many faults, each kind as often as it is to be, all kinds early."""
    turns = [fault.__name__ for n in range(max(FAULTS.values())) for fault, often in FAULTS.items()
             if n < often]  # fmt: skip
    return [turns[i % len(turns)] for i in range(count)]


def make(run: Path, kind: str, seed: int, folder: Path) -> Outcome:
    """Make one fault in a copy of the run, and verify it."""
    fault = next(fault for fault in FAULTS if fault.__name__ == kind)
    random = Random(f"{kind} {seed}")
    for attempt in range(100):
        world = World(run, folder / f"{attempt}")
        try:
            names = fault(world, random)
        except LookupError:
            continue
        found = gamayun_data.verify(world.run, sample=None, threads=1)
        told = tuple(f"{one.file}: {one.what}" for one in found.problems)
        told = tuple(line.replace(str(world.run), "RUN") for line in told)
        named = any(name in line for name in names for line in told)
        return Outcome(kind, seed, named and not found.ok, told)
    raise LookupError(f"{kind} {seed}: cannot be made in this run")


def tell(line: str) -> None:
    """Say something at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Make faults and tell of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="a whole run; made if none is given")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    started, missed, made = time.monotonic(), [], Counter[str]()
    with tempfile.TemporaryDirectory() as scratch:
        run = options.run or whole_run(Path(scratch) / "whole")
        assert gamayun_data.verify(run, sample=None).ok, "the run is damaged before any fault"
        for number, kind in enumerate(kinds(options.count)):
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                outcome = make(run, kind, options.seed + number, Path(folder))
            made[kind] += 1
            if not outcome.named:
                missed.append(outcome)
                tell(f"missed: {kind}, seed {outcome.seed}: {outcome.problems[:3]}")
            if number % 100 == 99:
                seconds = time.monotonic() - started
                tell(f"{number + 1} faults, {len(missed)} missed, {seconds:.0f} s")
    for kind, times in made.items():
        lost = sum(outcome.kind == kind for outcome in missed)
        tell(f"{kind:24}{times:5} made{lost:5} missed")
    tell(f"{made.total()} faults of {len(made)} kinds, {len(missed)} missed")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
