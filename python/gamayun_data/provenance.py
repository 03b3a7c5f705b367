"""`provenance.json`: where every document of a run came from, and counts that add up.

What names the input (paths, sizes, how files were cut) stands here and not in the manifests, which
are the same for the same text wherever it lay.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import decontamination, levels
from gamayun_data.directory import tool
from gamayun_data.errors import FormatError, IntegrityError
from gamayun_data.receipts import identity_of, without_id, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gamayun_data.receipts import Receipt
    from gamayun_data.recipe import Recipe

SCHEMA: Final = "gamayun-data/provenance"
VERSION: Final = 1
FILE: Final = "provenance.json"
PAGE: Final = "report.html"
"""The run as a page, which `page_run` makes."""


def write(run: Path, asked: Recipe, receipts: Mapping[str, Receipt]) -> None:
    """Write the way from input to selection; `IntegrityError` if a count does not add up."""
    annotated, selected = receipts["annotate"].counts, receipts["select"].counts
    dropped = _dropped(receipts)
    pools = selected["pools"]
    counts = {
        "records": annotated["records"],
        "rejected": annotated["rejected"],
        "documents": annotated["documents"],
        "dropped": dropped,
        "selected": selected["documents"],
        "text_bytes": annotated["text_bytes"],
        "selected_bytes": selected["bytes"],
        "copies": sum(pool["copies"] for pool in pools),
        "copied_bytes": sum(pool["copied_bytes"] for pool in pools),
        "normalised": annotated["normalised"],
        "removed_bytes": levels.removed_bytes(receipts),
    }
    if "cleaned" in annotated:
        counts["cleaned"] = annotated["cleaned"]
    _add_up(run, counts)
    rewrite(
        run,
        {
            "schema": SCHEMA,
            "version": VERSION,
            "tool": tool(),
            "sources": [
                {
                    "name": source.name,
                    "licence": source.licence,
                    "domain": source.domain,
                    "priority": source.priority,
                    "language": source.language,
                    "rules": source.rules,
                }
                for source in asked.sources
            ],
            "language_model": annotated["language_model"],
            "inputs": annotated["inputs"],
            "benchmarks": decontamination.files(receipts.get("decontaminate")),
            "references": receipts["dedup"].counts["references"],
            "against": receipts["dedup"].counts["against"],
            "unknown_tails": annotated["unknown_tails"],
            "counts": counts,
            "thresholds": receipts["decide"].counts["thresholds"],
            "rehydration": selected["rehydration"],
            "steps": {name: receipt.identity for name, receipt in receipts.items()},
        },
    )


def _dropped(receipts: Mapping[str, Receipt]) -> dict[str, int]:
    """Documents by `step.reason`, over all languages."""
    dropped: dict[str, int] = {}
    for verdicts in receipts["decide"].counts["verdicts"].values():
        for verdict, count in verdicts.items():
            if verdict != "kept":
                key = verdict.replace("/", ".")
                dropped[key] = dropped.get(key, 0) + count
    cleaned = receipts.get("decontaminate")
    for benchmarks in decontamination.dropped(cleaned).values():
        for key, count in benchmarks.items():
            dropped[key] = dropped.get(key, 0) + count
    for measure in ("exact", "near", "earlier"):
        removed = receipts["dedup"].counts[f"removed_{measure}"]
        if removed:
            dropped[f"dedup.{measure}"] = removed
    short = sum(levels.too_short(receipts).values())
    if short:
        dropped["passages.too_short"] = short
    return dict(sorted(dropped.items()))


def _add_up(run: Path, counts: Mapping[str, Any]) -> None:
    rejected, dropped = sum(counts["rejected"].values()), sum(counts["dropped"].values())
    if counts["records"] != counts["documents"] + rejected:
        raise IntegrityError(
            f"{run}: {counts['records']} records are not {counts['documents']} documents and "
            f"{rejected} rejected ones",
            path=run,
        )
    if counts["documents"] != counts["selected"] + dropped:
        raise IntegrityError(
            f"{run}: {counts['documents']} documents are not {counts['selected']} selected and "
            f"{dropped} dropped ones",
            path=run,
        )
    kinds = [kind for kinds in counts.get("cleaned", {}).values() for kind in kinds.values()]
    removed, added = (sum(kind[f"{what}_bytes"] for kind in kinds) for what in ("removed", "added"))
    before = counts["normalised"].get("text_bytes_normalised", counts["text_bytes"])
    if before - removed + added != counts["text_bytes"]:
        raise IntegrityError(
            f"{run}: {before} bytes of text, less {removed} that cleaning removed, with {added} "
            f"that it added, are not the {counts['text_bytes']} of the documents",
            path=run,
        )


def add_shards(run: Path, tokens: Receipt, built: Receipt) -> None:
    """Add the way from selection to shards; `IntegrityError` if documents were lost on it."""
    found = read(run)
    pools = built.counts["pools"]
    shards = [shard for pool in pools for shard in pool["shards"]]
    counts = {key: sum(shard[key] for shard in shards) for key in ("documents", "tokens", "bytes")}
    gone = found["counts"].get("removed", {})
    wanted = tuple(found["counts"][key] - gone.get(key, 0) for key in ("copies", "copied_bytes"))
    if (counts["documents"], counts["bytes"]) != wanted:
        raise IntegrityError(
            f"{run}: the shards hold {counts['documents']} documents of {counts['bytes']} bytes, "
            f"the selection, with its repeats, {wanted[0]} of {wanted[1]}",
            path=run,
        )
    found["counts"]["shards"] = counts
    found["steps"] |= {tokens.name: tokens.identity, built.name: built.identity}
    rewrite(run, found)
    name_manifests(run)


def name_manifests(run: Path) -> None:
    """Say which manifests the run has, by their ids; a page that told of others goes."""
    (run / PAGE).unlink(missing_ok=True)
    found = read(run)
    paths = sorted((run / "manifests").glob("*.json"))
    ids = {path.stem: json.loads(path.read_text(encoding="utf-8"))["id"] for path in paths}
    rewrite(run, found | {"manifests": ids})


def rewrite(run: Path, found: Mapping[str, Any]) -> None:
    """Write it with the hash of what it says."""
    write_json(run / FILE, {"id": identity_of(found), **without_id(found)})


def read(run: Path) -> dict[str, Any]:
    """Read what `write` wrote; `FormatError` if it is something else."""
    path = run / FILE
    try:
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FormatError(f"{path}: not JSON: {error}", path=path) from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise FormatError(f"{path}: not the provenance of a run", path=path)
    return found
