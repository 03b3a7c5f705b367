"""A run that is killed or interrupted goes on with the same command, to the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine, Digests

pytestmark = pytest.mark.slow

MOMENTS = (
    "documents/part-*",
    "rejected.jsonl",
    "steps/annotate.json",
    "steps/decide.json",
    "steps/dedup.json",
    "selection/part-*",
    "tokenizer/tokenizer.json",
    "steps/tokenise.json",
    "shards/*/*.bin",
    "manifests/*",
)


def start(command: CommandLine, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command.arguments(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=os.environ | {"NO_COLOR": "1"},
    )


def wait_for(process: subprocess.Popen[bytes], met: Callable[[], bool]) -> bool:
    """Whether the condition was met before the process ended."""
    while process.poll() is None:
        if met():
            return True
        time.sleep(0.002)
    return False


def test_kill_at_every_step(
    run: Path, command: CommandLine, digests: Digests, tmp_path: Path
) -> None:
    output = tmp_path / "run"
    arguments = ("curate", "--sample", "-o", output, "--threads", 2)
    killed = 0
    for moment in MOMENTS:
        process = start(command, *arguments)
        if wait_for(process, lambda moment=moment: any(output.glob(moment))):  # type: ignore[misc]
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
    assert killed > len(MOMENTS) // 2
    done = command(*arguments)
    assert done.code == 0, done.err
    assert digests(output) == digests(run)
    assert not [p for p in output.rglob("*") if ".tmp" in p.name]
    assert command("verify", output).code == 0


def test_a_second_run_does_nothing_again(run: Path, command: CommandLine, digests: Digests) -> None:
    before = digests(run)
    made = {path: path.stat().st_mtime_ns for path in run.rglob("*.parquet")}
    assert made
    done = command("curate", "--sample", "-o", run, "--threads", 2)
    assert done.code == 0, done.err
    assert {path: path.stat().st_mtime_ns for path in made} == made
    assert digests(run) == before


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes more than a few seconds to annotate."""
    path = tmp_path_factory.mktemp("large") / "large.jsonl"
    words = [f"word{n % 977} and {n % 613} of" for n in range(4000)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(3000):
            text = " ".join(words[number % 900 :]) + f" {number}."
            file.write(f'{{"id": "{number}", "text": "{text}"}}\n')
    return path


def test_ctrl_c_stops_within_two_seconds(command: CommandLine, large: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    process = start(command, "curate", large, "--langs", "en", "-o", output, "--threads", 1)
    assert wait_for(process, (output / "documents").exists)
    time.sleep(0.7)
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - pressed < 2
    assert process.returncode == 130
    assert b"the same command resumes" in err
    assert b"Traceback" not in err


def test_ctrl_c_stops_deduplication_too(command: CommandLine, large: Path, tmp_path: Path) -> None:
    """While the shingles of candidates are gathered: all of these resemble one another."""
    output = tmp_path / "run"
    process = start(command, "dedup", large, "-o", output, "--threads", 1)
    assert wait_for(process, lambda: any(output.glob("scratch/dedup-*/job/gather-*")))
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - pressed < 2
    assert process.returncode == 130, err
    assert b"the same command resumes" in err
    assert any(output.glob("scratch/dedup-*/job/join-*"))


def test_a_directory_of_another_run_is_refused(run: Path, command: CommandLine) -> None:
    answer = command("curate", "--sample", "-o", run, "--seed", 99)
    assert answer.code == 2
    assert "seed" in answer.err or "another" in answer.err


def test_what_changed_is_made_again(command: CommandLine, tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "run"
    source.mkdir()
    line = '{{"id": "{}", "text": "A document of some words, number {}."}}\n'
    for name in "ab":
        text = "".join(line.format(f"{name}{n}", n) for n in range(5))
        (source / f"{name}.jsonl").write_text(text, encoding="utf-8")
    arguments = ("curate", source, "--langs", "en", "-o", output)
    assert command(*arguments).code == 0
    (source / "a.jsonl").unlink()
    (source / "b.jsonl").write_text(line.format("new", 7), encoding="utf-8")
    assert command(*arguments).code == 0
    assert len(list((output / "documents").glob("part-*.parquet"))) == 1
    assert command("verify", output).code == 0
