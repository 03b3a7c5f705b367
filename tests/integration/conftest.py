"""A run of the sample that several tests look at, and the command line as a user calls it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import gamayun_data

SAMPLE = Path(__file__).resolve().parents[2] / "python" / "gamayun_data" / "data" / "sample"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


class CommandLine:
    """The installed command, run as another process."""

    program = Path(sys.executable).parent / "gamayun-data"

    def arguments(self, *arguments: object) -> list[str]:
        return [str(self.program), *map(str, arguments)]

    def __call__(self, *arguments: object, stdin: bytes | None = None) -> Answer:
        done = subprocess.run(
            self.arguments(*arguments),
            input=stdin,
            capture_output=True,
            check=False,
            timeout=300,
            env=os.environ | {"NO_COLOR": "1", "COLUMNS": "120"},
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="session")
def command() -> CommandLine:
    return CommandLine()


@pytest.fixture(scope="session")
def sample() -> Path:
    """The folder of the bundled sample."""
    return SAMPLE


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The main job on the sample: its directory and its result. Only to be read."""
    run = tmp_path_factory.mktemp("finished") / "run"
    return run, gamayun_data.curate(sample=True, output=run, threads=2)


@pytest.fixture(scope="session")
def run(finished: tuple[Path, Any]) -> Path:
    """The directory of the finished run. Only to be read."""
    return finished[0]


Digests = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="session")
def digests() -> Digests:
    """A function that gives the sha256 of every file of a run that a user receives."""

    def of(run: Path) -> dict[str, str]:
        return {
            str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest()
            for name in ("selection", "tokenizer", "shards", "manifests")
            for path in sorted((run / name).rglob("*"))
            if path.is_file()
        }

    return of
