"""Receipts: what a step was made from and what it counted, so that it is not done twice.

A receipt, `RUN/steps/NAME.json`, holds the identity of what the step was made from: its own
parameters and the identity of the step before it. Receipts are written last and atomically, so a
killed run goes on with the first step that has none.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gamayun_data.errors import FormatError
from gamayun_data.results import StepRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

FORMAT: Final = 3
"""Raised when what a step writes changes."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A finished step: what it was made from, what it counted, how long it took."""

    name: str
    identity: str
    counts: Mapping[str, Any]
    seconds: float
    skipped: bool = False

    @property
    def row(self) -> StepRow:
        """The step as a report shows it."""
        counts = self.counts
        size = counts.get("text_bytes", counts.get("bytes", 0))
        return StepRow(self.name, self.seconds, self.skipped, counts.get("documents", 0), size)


def identify(**facts: object) -> str:
    """Hash of facts, in hexadecimal, whatever their order.

    >>> identify(a=1, b=[2]) == identify(b=[2], a=1)
    True
    """
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def without_id(record: Mapping[str, Any]) -> dict[str, Any]:
    """All that a record says beside its id."""
    return {key: value for key, value in record.items() if key != "id"}


def identity_of(record: Mapping[str, Any]) -> str:
    """The sha256 of a record's canonical JSON without its `id`."""
    return identify(**without_id(record))


def laid_out(value: object) -> str:
    """JSON that people can read, keys in the order given."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def write_atomic(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    partial = path.with_name(f"{path.name}.tmp")  # the next try takes what a killed one left
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: object) -> None:
    """Write JSON that people can read, keys in the order given."""
    write_atomic(path, laid_out(value))


def read_receipt(run: Path, name: str) -> Receipt | None:
    """Read the receipt of a step; `None` if the step is not finished."""
    path = run / "steps" / f"{name}.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != FORMAT:
            return None
        return Receipt(name, raw["identity"], raw["counts"], raw["seconds"], skipped=True)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: not the receipt of a step: {error!r}", path=path) from error


def step(run: Path, name: str, identity: str, work: Callable[[], Mapping[str, Any]]) -> Receipt:
    """Do the work and write its receipt, unless the receipt of equal work is there."""
    known = read_receipt(run, name)
    if known and known.identity == identity:
        return known
    path = run / "steps" / f"{name}.json"
    path.unlink(missing_ok=True)
    started = time.perf_counter()
    counts = work()
    seconds = round(time.perf_counter() - started, 3)
    receipt = {"step": name, "format": FORMAT, "identity": identity, "seconds": seconds}
    write_json(path, {**receipt, "counts": counts})
    return Receipt(name, identity, counts, seconds)
