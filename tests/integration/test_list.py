"""A list of removals that is killed at seeded moments and asked for again is the same list."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.integration.killing import bytes_written, killed, written_by

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

pytestmark = pytest.mark.slow

KILLS = 12


def made(output: Path) -> dict[Path, tuple[int, int]]:
    """Inode and time of the band files of parts that have a receipt."""
    receipts = (output / "documents").glob("part-*.json")
    paths = [output / "bands" / f"{receipt.stem}.bands" for receipt in receipts]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths if path.exists()}


def test_a_killed_list_goes_on(sample: Path, command: CommandLine, tmp_path: Path) -> None:
    files = sorted(sample.glob("*.jsonl*"))
    assert len(files) > 1
    options = ("--list", "--threads", 2)
    calm = tmp_path / "calm"
    written = written_by(command, "dedup", *files, "-o", calm, *options)
    draw, output, kills, reused = random.Random(29), tmp_path / "list", 0, 0
    while kills < KILLS:
        before = made(output)
        amount = draw.randrange(1, written)
        if killed(
            lambda pid, amount=amount: bytes_written(pid) >= amount,  # type: ignore[misc]
            command,
            *("dedup", *files, "-o", output, *options),
        ):
            kills += 1
            after = made(output)
            assert all(after[path] == before[path] for path in before.keys() & after.keys())
            reused += len(before.keys() & after.keys())
        else:
            assert (output / "removed.parquet").read_bytes() == (
                calm / "removed.parquet"
            ).read_bytes()
            shutil.rmtree(output)
    done = command("dedup", *files, "-o", output, *options)
    assert done.code == 0, done.err
    assert (output / "removed.parquet").read_bytes() == (calm / "removed.parquet").read_bytes()
    names = {path.relative_to(calm) for path in calm.rglob("*")}
    assert {path.relative_to(output) for path in output.rglob("*")} == names
    assert reused
