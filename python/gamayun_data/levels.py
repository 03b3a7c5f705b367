"""The steps between dedup and select that edit texts, and what they count."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, config
from gamayun_data.receipts import Receipt, identify, step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gamayun_data.steps import Job

NAMES: Final = ("passages", "substrings")
"""The steps, in order."""


def run(job: Job, before: Receipt) -> list[Receipt]:
    """Do the levels that the recipe asks for; without any, no edits are left behind."""
    asked, done = job.asked, [before]
    if asked.passages.wanted:
        done.append(passages(job, done[-1]))
    if asked.substrings.min_bytes:
        done.append(substrings(job, done[-1]))
    if len(done) == 1:
        shutil.rmtree(job.run / "edits", ignore_errors=True)
    return done[1:]


def passages(job: Job, before: Receipt) -> Receipt:
    """Paragraphs and lines that many documents share to edits."""
    asked = job.asked.passages
    # Substrings add to the same table, so one that they added to is not that of a recipe without.
    alone = job.asked.substrings.min_bytes == 0
    identity = identify(before=before.identity, passages=asdict(asked), alone=alone)

    def work() -> dict[str, Any]:
        least = dict(asked.min_characters)
        answer = _core.passages(
            job.run,
            paragraphs=asked.paragraphs,
            lines=asked.lines,
            keep_first=asked.keep_first,
            other_min_characters=least.pop(config.EVERY_LANGUAGE),
            min_characters=least,
            document_characters=asked.document_characters,
            threads=job.limits.threads,
            memory=job.limits.memory,
            on_progress=job.heard("passages"),
        )
        counts: dict[str, Any] = json.loads(answer)
        return counts

    return step(job.run, "passages", identity, work)


def substrings(job: Job, before: Receipt) -> Receipt:
    """Text that repeats a stretch that stays elsewhere to edits, after those of passages."""
    asked = job.asked
    characters = asked.passages.document_characters
    identity = identify(
        before=before.identity, substrings=asdict(asked.substrings), characters=characters
    )

    def work() -> dict[str, Any]:
        answer = _core.substrings(
            job.run,
            min_bytes=asked.substrings.min_bytes,
            after_passages=asked.passages.wanted,
            document_characters=characters,
            threads=job.limits.threads,
            memory=job.limits.memory,
            on_progress=job.heard("substrings"),
        )
        counts: dict[str, Any] = json.loads(answer)
        return counts

    return step(job.run, "substrings", identity, work)


def too_short(receipts: Mapping[str, Receipt]) -> dict[str, int]:
    """Documents that were dropped because levels left too little of them, by language."""
    found: dict[str, int] = {}
    for name in NAMES:
        if name in receipts:
            found = receipts[name].counts["too_short"]
    return found


def removed_bytes(receipts: Mapping[str, Receipt]) -> dict[str, dict[str, int]]:
    """Bytes that levels removed, by level and language."""
    found: dict[str, dict[str, int]] = {}
    for name in NAMES:
        if name in receipts:
            found = receipts[name].counts["removed_bytes"]
    return found
