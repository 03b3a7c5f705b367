"""The list of removals alone: files to `removed.parquet` in one go, without writing a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, alarms, steps
from gamayun_data.errors import ConfigError
from gamayun_data.receipts import identify, step
from gamayun_data.results import CurationResult, LanguageRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gamayun_data.steps import Job

BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


def list_removed(job: Job, *, strict: bool) -> CurationResult:
    """Write `RUN/removed.parquet` and say what is in it; the texts stay where they are.

    Raises `ConfigError` if the run has texts, which a list would take from it.
    """
    if (job.run / "steps" / "annotate.json").exists():
        raise ConfigError(f"{job.run}: holds a run with texts; name another output for a list")
    maker = identify(verb="list", asked=steps.made_by(job.asked), keep=job.asked.dedup.keep)
    inputs = steps.inputs(job.asked)
    identity = identify(inputs=inputs, maker=maker)
    passing = identify(maker=maker, boot=_boot())

    def work() -> dict[str, Any]:
        steps.forget_other_parts(job.run, passing)
        answer = _core.list_removed(
            job.run,
            steps.core_sources(job.asked),
            containment=job.asked.dedup.containment,
            keep=list(job.asked.dedup.keep),
            on_bad_record=job.asked.curation.on_bad_record,
            identity=identify(inputs=inputs, maker=passing),
            threads=job.limits.threads,
            memory=job.limits.memory,
            on_progress=job.heard("list"),
            **steps.core_dedup(job.asked),
        )
        counts: dict[str, Any] = json.loads(answer)
        return {**counts, "documents": counts["read"]["documents"]}

    receipt = step(job.run, "list", identity, work)
    told = alarms.raised({}, receipt.counts["found"], job.asked.dedup)
    if strict:
        alarms.stop(told)
    read = receipt.counts["read"]
    row = _row(job.asked.languages[0], receipt.counts)
    return CurationResult(
        run=str(job.run),
        languages=(row,),
        read=row.read,
        kept=row.kept,
        dropped=sum(row.dropped.values()),
        rejected=read["rejected"],
        unknown_tails=tuple(read["unknown_tails"]),
        alarms=told,
        steps=(receipt.row,),
    )


def _boot() -> str:
    """What differs after a restart of the machine, or nothing where none tells.

    The parts of a list are not flushed to the disk, so those of before a power cut are no use.
    """
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _row(language: str, counts: Mapping[str, Any]) -> LanguageRow:
    read, found = counts["read"], counts["found"]
    removed = {kind: found[f"removed_{kind}"] for kind in ("exact", "near")}
    dropped = {f"dedup.{kind}": count for kind, count in removed.items() if count}
    return LanguageRow(
        language,
        read["documents"],
        dropped,
        read["documents"] - sum(dropped.values()),
        read["text_bytes"] - counts["removed_bytes"],
    )
