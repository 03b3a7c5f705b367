"""Progress of a verb on stderr: bars on a terminal, a line now and then when piped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from gamayun_data.units import show_bytes, show_count, show_seconds

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[str, int, int, int, int], None]
"""Called with step, work done, work in all (0: not known), documents so far, bytes so far."""

Clock = Callable[[], float]

SECONDS_BETWEEN_LINES: Final = 5.0


@dataclass(slots=True)
class Meter:
    """The speed of one step since it was first heard of: a resumed part does not count."""

    step: str
    started: float
    now: float
    first: tuple[int, int, int]
    last: tuple[int, int, int]
    total: int = 0

    def tell(self, done: int, total: int, documents: int, size: int, now: float) -> None:
        """Take in the newest counts."""
        self.last, self.total, self.now = (done, documents, size), total, now

    @property
    def seconds(self) -> float:
        """Since the first call for this step."""
        return self.now - self.started

    @property
    def share(self) -> float | None:
        """Of the work, if its amount is known."""
        return min(1.0, self.last[0] / self.total) if self.total else None

    def rates(self) -> str:
        """Documents and megabytes a second, or nothing before there is a second to divide by."""
        _, documents, size = (new - old for new, old in zip(self.last, self.first, strict=True))
        if self.seconds <= 0:
            return ""
        # A step of several passes counts anew in each, so a difference may be below nothing.
        speeds = []
        if documents > 0:
            speeds.append(f"{show_count(documents / self.seconds)} docs/s")
        if size > 0:
            speeds.append(f"{size / self.seconds / 1e6:.1f} MB/s")
        return ", ".join(speeds)

    def facts(self) -> str:
        """The step while it runs, as one line: share, speed, time left."""
        percent = "" if self.share is None else f"{100 * self.share:.0f} %"
        documents = f"{self.last[1]:,} documents" if self.last[1] else ""
        return ", ".join(part for part in (percent, documents, self.rates(), self.left()) if part)

    def summary(self) -> str:
        """The step when it is done: time, amount, speed."""
        _, documents, size = self.last
        amount = f"{documents:,} documents, {show_bytes(size)}" if documents or size else ""
        parts = (f"done in {show_seconds(self.seconds)}", amount, self.rates())
        return ", ".join(part for part in parts if part)

    def left(self) -> str:
        """Time left at the speed so far."""
        done = self.last[0] - self.first[0]
        if done <= 0 or not self.total:
            return ""
        return f"{show_seconds(self.seconds * (self.total - self.last[0]) / done)} left"


@contextmanager
def shown(console: Console, clock: Clock = time.monotonic) -> Iterator[Progress]:
    """Give a function that a verb calls with its progress."""
    if console.is_terminal and not console.is_dumb_terminal:
        with _bars(console, clock) as progress:
            yield progress
        return
    lines = Lines(console.file, clock)
    yield lines.tell
    lines.close()


@dataclass(slots=True)
class Lines:
    """Plain lines: one when a step ends, and one every few seconds while it runs."""

    stream: IO[str]
    clock: Clock
    meter: Meter | None = None
    written: float = 0.0

    def tell(self, step: str, done: int, total: int, documents: int, size: int) -> None:
        """Write a line if it is time for one."""
        now = self.clock()
        if self.meter is None or self.meter.step != step:
            self.close()
            counts = (done, documents, size)
            self.meter, self.written = Meter(step, now, now, counts, counts), now
        self.meter.tell(done, total, documents, size, now)
        if now - self.written >= SECONDS_BETWEEN_LINES:
            self.written = now
            self._write(self.meter.facts())

    def close(self) -> None:
        """Write the last line of the step that ends."""
        if self.meter is not None:
            self._write(self.meter.summary())
            self.meter = None

    def _write(self, facts: str) -> None:
        step = self.meter.step if self.meter else ""
        self.stream.write(f"{step}: {facts}\n")
        self.stream.flush()


@contextmanager
def _bars(console: Console, clock: Clock) -> Iterator[Progress]:
    """A bar a step, on a terminal."""
    from rich import progress as rich_progress

    columns = (
        rich_progress.TextColumn("{task.description:<12}"),
        rich_progress.BarColumn(bar_width=20),
        rich_progress.TextColumn("{task.fields[facts]}"),
    )
    meters: dict[rich_progress.TaskID, Meter] = {}
    with rich_progress.Progress(*columns, console=console) as bars:

        def finish() -> None:
            for task, meter in meters.items():
                bars.update(task, total=1, completed=1, facts=meter.summary())

        def tell(step: str, done: int, total: int, documents: int, size: int) -> None:
            now = clock()
            if not meters or next(reversed(meters.values())).step != step:
                finish()
                counts = (done, documents, size)
                meters[bars.add_task(step, facts="")] = Meter(step, now, now, counts, counts)
            task, meter = next(reversed(meters.items()))
            meter.tell(done, total, documents, size, now)
            bars.update(task, total=total or None, completed=done, facts=meter.facts())

        yield tell
        finish()
