"""Commands that are killed with -9 at a moment."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
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


def killed(met: Callable[[int], bool], command: CommandLine, *arguments: object) -> bool:
    """Whether the command, told by its process id, was killed when this was met, before its end."""
    process = start(command, *arguments)
    while process.poll() is None:
        if met(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
            break
        time.sleep(0.0005)
    return process.wait() == -signal.SIGKILL
