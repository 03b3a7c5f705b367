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
        if self.seconds <= 0 or not (documents or size):
            return ""
        per_second = f"{show_count(documents / self.seconds)} docs/s"
        return f"{per_second}, {size / self.seconds / 1e6:.1f} MB/s"

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
            share = self.meter.share
            percent = "" if share is None else f"{100 * share:.0f} %"
            self._write(percent, f"{documents:,} documents", self.meter.rates(), self.meter.left())

    def close(self) -> None:
        """Write the last line of the step that ends."""
        if self.meter is not None:
            _, documents, size = self.meter.last
            amount = f"{documents:,} documents, {show_bytes(size)}" if documents or size else ""
            self._write(f"done in {show_seconds(self.meter.seconds)}", amount, self.meter.rates())
            self.meter = None

    def _write(self, *parts: str) -> None:
        step = self.meter.step if self.meter else ""
        self.stream.write(f"{step}: {', '.join(part for part in parts if part)}\n")
        self.stream.flush()


@contextmanager
def _bars(console: Console, clock: Clock) -> Iterator[Progress]:
    """A bar a step, on a terminal."""
    from rich import progress as rich_progress

    columns = (
        rich_progress.TextColumn("{task.description:<12}"),
        rich_progress.BarColumn(bar_width=20),
        rich_progress.TextColumn("{task.percentage:>3.0f}%"),
        rich_progress.TextColumn("{task.fields[facts]}"),
    )
    meters: dict[str, tuple[Meter, rich_progress.TaskID]] = {}
    with rich_progress.Progress(*columns, console=console) as bars:

        def tell(step: str, done: int, total: int, documents: int, size: int) -> None:
            now = clock()
            if step not in meters:
                for task in bars.tasks:
                    bars.update(task.id, total=task.total or 1, completed=task.total or 1)
                counts = (done, documents, size)
                task_id = bars.add_task(step, total=None, facts="")
                meters[step] = (Meter(step, now, now, counts, counts), task_id)
            meter, task_id = meters[step]
            meter.tell(done, total, documents, size, now)
            facts = ", ".join(fact for fact in (meter.rates(), meter.left()) if fact)
            bars.update(task_id, total=total or None, completed=done, facts=facts)

        yield tell
        for task in bars.tasks:
            bars.update(task.id, total=task.total or 1, completed=task.total or 1)
