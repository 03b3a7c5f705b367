"""Killed at twenty seeded moments, or the disk full: the same command gives the same bytes."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.integration.killing import bytes_written, killed, written_by

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine, Digests

pytestmark = pytest.mark.slow

KILLS = 20
STEPS = ("annotate", "decide", "dedup", "select", "count", "train", "tokenise", "build")
FEWEST_STEPS = 4
"""Different steps in which a kill must have fallen for the test to say something."""


def moment(draw: random.Random, output: Path, written: int) -> Callable[[int], bool]:
    """A seeded moment: so many bytes written, or just after a step that is still to come."""
    coming = [name for name in STEPS if not (output / "steps" / f"{name}.json").exists()]
    if draw.random() < 0.5 or not coming:
        amount = draw.randrange(1, written // 6)
        return lambda pid: bytes_written(pid) >= amount
    receipt = output / "steps" / f"{draw.choice(coming)}.json"
    amount, at_receipt = draw.randrange(1, 50_000), list[int]()

    def met(pid: int) -> bool:
        if receipt.exists() and not at_receipt:
            at_receipt.append(bytes_written(pid))
        return bool(at_receipt) and bytes_written(pid) >= at_receipt[0] + amount

    return met


def finished(output: Path) -> dict[Path, tuple[int, int]]:
    """Inode and time of the files that a later try has to leave as they are.

    Parts of annotate have receipts of their own; of the other steps a receipt speaks for all files.
    """
    steps = {path.stem for path in (output / "steps").glob("*.json")}
    folders = {"decide": "decisions", "dedup": "dedup", "select": "selection", "train": "tokenizer"}
    paths = [output / "steps" / f"{name}.json" for name in steps]
    for step, folder in folders.items():
        if step in steps:
            paths += [path for path in (output / folder).rglob("*") if path.is_file()]
    for receipt in (output / "documents").glob("part-*.json"):
        paths += [
            receipt,
            receipt.with_suffix(".parquet"),
            output / "annotations" / f"{receipt.stem}.parquet",
            output / "bands" / f"{receipt.stem}.bands",
        ]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def step_at_work(output: Path) -> str:
    """The last step that has a receipt; the next one was interrupted."""
    receipts = list((output / "steps").glob("*.json"))
    newest = max(receipts, key=lambda path: path.stat().st_mtime_ns, default=None)
    return newest.stem if newest else "none"


def left_over(output: Path) -> list[Path]:
    return [path for path in output.rglob("*") if ".tmp" in path.name]


def test_twenty_kills(run: Path, command: CommandLine, digests: Digests, tmp_path: Path) -> None:
    draw = random.Random(17)
    calm = ("curate", "--sample", "-o", tmp_path / "calm", "--threads", 2)
    written = written_by(command, *calm)
    assert digests(tmp_path / "calm") == digests(run)
    interrupted, life, reused, kills = set(), 0, 0, 0
    while kills < KILLS:
        output = tmp_path / f"run-{life}"
        before = finished(output)
        met = moment(draw, output, written)
        if killed(met, command, "curate", "--sample", "-o", output, "--threads", 2):
            kills += 1
            interrupted.add(step_at_work(output))
        else:  # it came to its end
            assert digests(output) == digests(run)
            life += 1
        after = finished(output)
        assert {path: after.get(path) for path in before} == before
        reused += len(before)
    output = tmp_path / f"run-{life}"
    before = finished(output)
    done = command("curate", "--sample", "-o", output, "--threads", 2)
    assert done.code == 0, done.err
    assert {path: finished(output).get(path) for path in before} == before
    assert digests(output) == digests(run)
    assert not left_over(output)
    assert command("verify", output).code == 0
    assert len(interrupted) >= FEWEST_STEPS, interrupted
    assert reused > KILLS


def tasks(output: Path) -> dict[Path, tuple[int, int]]:
    """Inode and time of the files that finished tasks of deduplication left."""
    found = {}
    with suppress(FileNotFoundError):  # the step came to its end just now
        for path in (output / "scratch").glob("dedup-*/job/*"):
            if path.suffix in {".edges", ".blocks"}:
                found[path] = (path.stat().st_ino, path.stat().st_mtime_ns)
    return found


def test_kills_inside_deduplication(run: Path, command: CommandLine, tmp_path: Path) -> None:
    """What a task has finished is not done again, however often the step is killed."""
    draw, output, kills = random.Random(23), tmp_path / "run", 0
    arguments = ("curate", "--sample", "-o", output, "--threads", 2)
    while kills < 6:
        if not output.exists():
            shutil.copytree(run, output)
            (output / "steps" / "dedup.json").unlink()
        before = tasks(output)
        aim = len(before) + draw.randrange(1, 4)
        if killed(lambda _pid, aim=aim: len(tasks(output)) >= aim, command, *arguments):  # type: ignore[misc]
            kills += 1
            after = tasks(output)
            assert len(after) >= aim
            assert {path: after.get(path) for path in before} == before
        else:  # it came to its end between two looks
            shutil.rmtree(output)
    done = command(*arguments)
    assert done.code == 0, done.err
    receipt = json.loads((output / "steps" / "dedup.json").read_text(encoding="utf-8"))
    assert receipt["counts"]["reused_tasks"] == len(after)
    for ours in sorted((run / "dedup").iterdir()):
        assert (output / "dedup" / ours.name).read_bytes() == ours.read_bytes()
    assert not (output / "scratch").exists()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of this size at the folder; the test is skipped where none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("size", ["300k", "3m"])
def test_a_full_disk(
    run: Path, command: CommandLine, digests: Digests, tmp_path: Path, size: str
) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, size):
        arguments = ("curate", "--sample", "-o", disk / "run", "--threads", 2)
        failed = command(*arguments)
        assert failed.code == 1
        assert "No space left on device" in failed.err
        assert str(disk) in failed.err
        assert "Traceback" not in failed.err
        before = finished(disk / "run")
        remount(disk, 256 << 20)
        done = command(*arguments)
        assert done.code == 0, done.err
        assert {path: finished(disk / "run").get(path) for path in before} == before
        assert digests(disk / "run") == digests(run)
        assert not left_over(disk / "run")


def test_a_disk_that_deduplication_fills(run: Path, command: CommandLine, tmp_path: Path) -> None:
    """What was finished before there was no room is used when there is some."""
    disk = tmp_path / "disk"
    with small_disk(disk, "256m"):
        output = disk / "run"
        shutil.copytree(run, output)
        (output / "steps" / "dedup.json").unlink()
        shutil.rmtree(output / "dedup")
        state = os.statvfs(disk)
        used = (state.f_blocks - state.f_bfree) * state.f_frsize
        arguments = ("curate", "--sample", "-o", output, "--threads", 2)
        remount(disk, used + 100_000)
        failed = command(*arguments)
        assert failed.code == 1
        assert "No space left on device" in failed.err
        assert str(output / "scratch") in failed.err
        assert "Traceback" not in failed.err
        before = tasks(output)
        assert before
        remount(disk, 256 << 20)
        done = command(*arguments)
        assert done.code == 0, done.err
        receipt = json.loads((output / "steps" / "dedup.json").read_text(encoding="utf-8"))
        assert receipt["counts"]["reused_tasks"] == len(before)
        for ours in sorted((run / "dedup").iterdir()):
            assert (output / "dedup" / ours.name).read_bytes() == ours.read_bytes()


def remount(disk: Path, size: int) -> None:
    options = ["-o", f"remount,size={size}", str(disk)]
    subprocess.run(["mount", "-t", "tmpfs", *options], check=True)


@pytest.mark.parametrize("largest", [2_000, 100_000])
def test_a_file_that_cannot_grow(
    run: Path, command: CommandLine, digests: Digests, tmp_path: Path, largest: int
) -> None:
    """The limit of a process on the size of its files: writing fails as on a full disk."""
    output = tmp_path / "run"
    arguments = ("curate", "--sample", "-o", output, "--threads", 2)
    failed = subprocess.run(
        command.arguments(*arguments),
        check=False,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)),
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert failed.returncode == 1, failed.stderr.decode()
    assert b"File too large" in failed.stderr
    assert b"Traceback" not in failed.stderr
    done = command(*arguments)
    assert done.code == 0, done.err
    assert digests(output) == digests(run)
    assert not left_over(output)
