"""Alarms: what deduplication did that a person should look at before money is spent on it.

They are judged from the counts of a run, so a limit can be changed without doing the work again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gamayun_data.errors import IntegrityError
from gamayun_data.results import Alarm
from gamayun_data.units import show_share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gamayun_data.recipe import Dedup

FEW: Final = 100
"""A source or language of fewer documents raises no alarm by the share that it loses."""


def raised(
    decided: Mapping[str, Any], dedup: Mapping[str, Any], limits: Dedup
) -> tuple[Alarm, ...]:
    """Judge the counts of the steps decide and dedup.

    >>> from gamayun_data.recipe import Dedup
    >>> counts = {"passed_by_source": {"web": 1000}, "removed_by_source": {"web": 600}}
    >>> [alarm.message for alarm in raised({}, counts, Dedup())]
    ['source web: 60.00% of its 1000 documents are removed as duplicates, above 50.00%']
    """
    return (
        *_clusters(dedup, limits),
        *_losses("source", dedup.get("passed_by_source", {}), _by_source(dedup), limits),
        *_losses("language", _passed(decided), _by_language(dedup), limits),
        *_repeated(dedup),
        *_lacking(dedup),
    )


def stop(alarms: tuple[Alarm, ...]) -> None:
    """Raise `IntegrityError` if there are alarms: what `strict` asks for."""
    if alarms:
        told = "; ".join(alarm.message for alarm in alarms)
        raise IntegrityError(f"stopped by {len(alarms)} alarm(s), as strict says: {told}")


def _clusters(dedup: Mapping[str, Any], limits: Dedup) -> Iterator[Alarm]:
    for one in dedup.get("largest", ()):
        if one["documents"] > limits.max_cluster:
            message = f"cluster {one['cluster']}: {one['documents']} documents"
            yield Alarm("cluster", f"{message}, above {limits.max_cluster}")


def _losses(
    kind: str, passed: Mapping[str, int], removed: Mapping[str, int], limits: Dedup
) -> Iterator[Alarm]:
    for name, documents in sorted(passed.items()):
        lost = removed.get(name, 0) / documents if documents else 0.0
        if documents >= FEW and lost > limits.max_loss:
            message = f"{kind} {name}: {show_share(lost)} of its {documents} documents are removed"
            yield Alarm(kind, f"{message} as duplicates, above {show_share(limits.max_loss)}")


def _passed(decided: Mapping[str, Any]) -> dict[str, int]:
    verdicts: Mapping[str, Mapping[str, int]] = decided.get("verdicts", {})
    return {language: counts.get("kept", 0) for language, counts in verdicts.items()}


def _by_source(dedup: Mapping[str, Any]) -> dict[str, int]:
    return dict(dedup.get("removed_by_source", {}))


def _by_language(dedup: Mapping[str, Any]) -> dict[str, int]:
    removed: Mapping[str, Mapping[str, int]] = dedup.get("removed_by_language", {})
    return {language: sum(counts.values()) for language, counts in removed.items()}


def _repeated(dedup: Mapping[str, Any]) -> Iterator[Alarm]:
    if repeated := dedup.get("repeated_ids", 0):
        message = f"{repeated} documents have an id that another of their source has; numbered"
        yield Alarm("repeated_ids", message)


def _lacking(dedup: Mapping[str, Any]) -> Iterator[Alarm]:
    for field, lacking in sorted(dedup.get("lacking", {}).items()):
        if lacking:
            message = (
                f"{lacking} documents have no usable {field}, which the survivor order asks for"
            )
            yield Alarm("lacking", f"{message}; they are preferred last")
