"""Decontamination: the step that looks for the items of benchmarks, and what it counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gamayun_data import _core
from gamayun_data.receipts import identify, step
from gamayun_data.results import BenchmarkRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gamayun_data.receipts import Receipt
    from gamayun_data.recipe import Recipe
    from gamayun_data.steps import Job


def check_files(asked: Recipe) -> None:
    """Refuse benchmarks that are not there, before any work."""
    _files(asked)


def _files(asked: Recipe) -> list[tuple[str, Path]]:
    specs = list(asked.decontamination.files)
    return _core.find_benchmarks(specs) if specs else []


def decontaminate(job: Job, before: Receipt) -> Receipt | None:
    """Find the documents that hold items of benchmarks; `None` if none are named."""
    asked, found = job.asked.decontamination, _files(job.asked)
    if not found:
        return None
    said = [
        {"benchmark": name, "path": str(path), "sha256": _core.file_sha256(path)}
        for name, path in found
    ]
    how: dict[str, Any] = {
        "fields": list(asked.fields or _core.benchmark_fields()),
        "ngram": asked.ngram,
        "minimum_words": asked.minimum_words,
        "threshold": asked.threshold,
        "drop": asked.action == "drop",
    }
    content = sorted((one["benchmark"], one["sha256"]) for one in said)
    identity = identify(before=before.identity, files=content, **how)

    def work() -> dict[str, Any]:
        answer = _core.decontaminate(
            job.run,
            found,
            **how,
            identity=identity,
            threads=job.limits.threads,
            memory=job.limits.memory,
            on_progress=job.heard("decontaminate"),
        )
        counts: dict[str, Any] = json.loads(answer)
        return {**counts, "files": said}

    return step(job.run, "decontaminate", identity, work)


def dropped(receipt: Receipt | None) -> Mapping[str, dict[str, int]]:
    """Dropped documents by language and `decontamination.BENCHMARK`."""
    counted = receipt.counts["dropped_by_language"] if receipt else {}
    return {
        language: {f"decontamination.{name}": count for name, count in sorted(benchmarks.items())}
        for language, benchmarks in counted.items()
    }


def benchmarks(receipt: Receipt | None) -> tuple[BenchmarkRow, ...]:
    """The benchmarks as a report shows them."""
    return tuple(BenchmarkRow(**row) for row in receipt.counts["benchmarks"]) if receipt else ()


def files(receipt: Receipt | None) -> list[dict[str, str]]:
    """The files of the benchmarks with their hashes, as provenance lists them."""
    return list(receipt.counts["files"]) if receipt else []
