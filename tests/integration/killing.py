"""Commands that are killed with -9 at a moment."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine


def start(command: CommandLine, *arguments: object) -> subprocess.Popen[bytes]:
    """Starts the command in a process group of its own."""
    return subprocess.Popen(
        command.arguments(*arguments),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"NO_COLOR": "1"},
    )


def bytes_written(pid: int) -> int:
    """What a process has written so far; 0 once it is gone."""
    try:
        fields = dict(
            line.split(": ") for line in Path(f"/proc/{pid}/io").read_text("ascii").splitlines()
        )
    except (OSError, ValueError):
        return 0
    return int(fields["wchar"])


def written_by(command: CommandLine, *arguments: object) -> int:
    """The bytes that an undisturbed run writes, nearly: the last look before its end."""
    process, written = start(command, *arguments), 0
    while process.poll() is None:
        written = max(written, bytes_written(process.pid))
        time.sleep(0.001)
    assert process.returncode == 0
    return written


def killed(met: Callable[[int], bool], command: CommandLine, *arguments: object) -> bool:
    """Whether the command, told by its process id, was killed when this was met, before its end."""
    process = start(command, *arguments)
    while process.poll() is None:
        if met(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
            break
        time.sleep(0.0005)
    return process.wait() == -signal.SIGKILL


def killed_at(pattern: str, output: Path, command: CommandLine, *arguments: object) -> bool:
    """Whether the command was killed as soon as its output had a file of this pattern."""
    return killed(lambda _pid: any(output.glob(pattern)), command, *arguments)
