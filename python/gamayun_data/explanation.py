"""Why one document was kept or dropped, from the rows that the steps wrote."""

from __future__ import annotations

import json
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data.errors import ConfigError
from gamayun_data.receipts import read_receipt
from gamayun_data.results import ChangedSpan, Explanation, RemovedSpan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl


SHOWN: Final = 5
"""Of several documents, how many a message names."""


def explain(run: str | Path, document: str) -> Explanation:
    """Tell the fate of a document: yours by its id, or ours by a DocId or the start of one.

    Raises `ConfigError` if no document, or more than one, is meant.
    """
    run = Path(run)
    found = _meant(run, document)
    if not found:
        rejected = _rejected(run, document)
        if rejected is not None:
            return rejected
        raise ConfigError(f"{run}: no document has the id {document!r}")
    if len(found) > 1:
        several = ", ".join(name for _, _, name in found[:SHOWN])
        more = ", ..." if len(found) > SHOWN else ""
        raise ConfigError(f"{run}: several documents are meant by {document!r}: {several}{more}")
    part, row, name = found[0]
    return _explain(run, part, row, name)


def _parts(run: Path) -> list[str]:
    if read_receipt(run, "dedup") is None:
        raise ConfigError(f"{run}: nothing is curated there; run `gamayun-data curate` first")
    return sorted(path.name for path in (run / "dedup").glob("part-*.parquet"))


def _meant(run: Path, document: str) -> list[tuple[str, int, str]]:
    """The part, the row and the DocId of the documents that are meant, and no more than needed.

    Your ids go before the starts of ours.
    """
    found = list(islice(_find(run, "documents", "id", document), SHOWN + 1))
    if not found and re.fullmatch(r"[0-9a-fA-F]{1,32}", document):
        found = list(islice(_find(run, "dedup", "doc_id", document.lower()), SHOWN + 1))
    return found


def _find(run: Path, table: str, column: str, wanted: str) -> Iterator[tuple[str, int, str]]:
    """Look through one column, part by part: for an id of yours, or the start of a DocId."""
    import polars as pl

    for part in _parts(run):
        names = pl.read_parquet(run / table / part, columns=[column])[column]
        if table == "dedup":
            hit = names.bin.encode("hex").str.starts_with(wanted)
        else:
            hit = (names == wanted).fill_null(value=False)
        for row in hit.arg_true().to_list():
            yield part, row, _row(run, "dedup", part, row)["doc_id"].hex()


def _row(run: Path, table: str, part: str, row: int) -> dict[str, Any]:
    import polars as pl

    frame = pl.scan_parquet(run / table / part).slice(row, 1).collect()
    return frame.row(0, named=True)


def _explain(run: Path, part: str, row: int, name: str) -> Explanation:
    document = _row(run, "documents", part, row)
    annotated = _row(run, "annotations", part, row)
    decided = _row(run, "decisions", part, row)
    dedup = _row(run, "dedup", part, row)
    item = _contaminated(run, part, row)
    passed = decided["passed"] and not (item and item["dropped"])
    removed = dedup["kept_id"] is not None
    kept_name = dedup["kept_id"].hex() if removed else None
    survived = passed and not removed
    cut, short = _edits(run, part, row, document["text"]) if survived else ((), False)
    step, reason, value = ("passages", "too_short", None) if short else _why(decided, item, dedup)
    selected = _selected(run, dedup["doc_id"]) if survived and not short else {}
    return Explanation(
        document=name,
        id=document["id"],
        source=document["source"],
        language=annotated["language"],
        verdict="kept" if survived and not short else "dropped",
        step=step,
        reason=reason,
        value=value,
        threshold=decided["threshold"],
        benchmark=item["benchmark"] if item else None,
        benchmark_item=item["item"] if item else None,
        contamination=item["score"] if item else None,
        blocked_by=_beside(run, "blocked", part, row).get("blocked_by"),
        languages=tuple(
            (one["language"], one["bytes"])
            for one in _beside(run, "segments", part, row).get("languages", ())
        ),
        kept_document=kept_name,
        kept_id=dedup["kept_name"] or kept_name,
        kept_from=dedup["kept_from"],
        similarity=dedup["similarity"],
        cluster_size=dedup["cluster_size"],
        scores=tuple(
            (annotated[f"label_{n}"], annotated[f"score_{n}"])
            for n in (1, 2, 3)
            if annotated[f"label_{n}"] is not None
        ),
        path=document["input"],
        record=document["record"],
        split=selected.get("split"),
        copies=selected.get("copies"),
        earlier=None if removed else _earlier(run, part, dedup["doc_id"]),
        changed=_changes(run, part, row),
        removed=cut,
        text=document["text"],
    )


def _earlier(run: Path, part: str, doc_id: bytes) -> str | None:
    """The document of an earlier run that is listed for one that was kept all the same."""
    import polars as pl

    if not (run / "against" / part).exists():
        return None
    rows = pl.scan_parquet(run / "against" / part)
    found = rows.filter(pl.col("doc_id").cast(pl.Binary) == doc_id).collect()
    if not found.height:
        return None
    row = found.row(0, named=True)
    name = row["old_id"] or row["old_doc_id"].hex()
    return f"{name} in {row['reference']}, {row['measure']} {row['similarity']:.4f}"


def _changes(run: Path, part: str, row: int) -> tuple[ChangedSpan, ...]:
    """What was changed in a text before anything judged it."""
    changes = _beside(run, "cleaning", part, row).get("changes", ())
    return tuple(ChangedSpan(**one) for one in changes)


def _beside(run: Path, table: str, part: str, row: int) -> dict[str, Any]:
    """A row of a table that not every run has; nothing without it."""
    return _row(run, table, part, row) if (run / table / part).exists() else {}


def _edits(run: Path, part: str, row: int, text: str) -> tuple[tuple[RemovedSpan, ...], bool]:
    """What levels removed of a text, and whether too little is left."""
    if not (run / "edits" / part).exists():
        return (), False
    edit = _row(run, "edits", part, row)
    raw = text.encode()
    spans = tuple(
        RemovedSpan(
            level=span["level"],
            start=span["start"],
            end=span["end"],
            evidence=span["evidence"].hex(),
            text=raw[span["start"] : span["end"]].decode(),
        )
        for span in edit["spans"]
    )
    return spans, edit["dropped"]


def _why(
    decided: Mapping[str, Any], item: Mapping[str, Any] | None, dedup: Mapping[str, Any]
) -> tuple[str | None, str | None, float | None]:
    """The step that dropped a document, its reason and value; nothing for one that is kept."""
    if not decided["passed"]:
        return decided["step"], decided["reason"], decided["value"]
    if item and item["dropped"]:
        return "decontamination", item["benchmark"], item["score"]
    if dedup["kept_id"] is not None:
        return "dedup", dedup["measure"], None
    return None, None, None


def _contaminated(run: Path, part: str, row: int) -> dict[str, Any] | None:
    """The benchmark item that a document holds most of, if it holds any."""
    if not (run / "contamination").is_dir():
        return None
    found = _row(run, "contamination", part, row)
    return found if found["contaminated"] else None


def _selected(run: Path, doc_id: bytes) -> dict[str, Any]:
    """What the selection says of a document; nothing if it is not there."""
    import polars as pl

    frame: pl.DataFrame = (
        pl.scan_parquet(run / "selection" / "part-*.parquet")
        .filter(pl.col("doc_id").cast(pl.Binary) == doc_id)
        .select("split", "copies")
        .collect()
    )
    return frame.row(0, named=True) if frame.height else {}


def _rejected(run: Path, document: str) -> Explanation | None:
    """A record that never became a document, named as `FILE:RECORD`."""
    path = run / "rejected.jsonl"
    file, _, number = document.rpartition(":")
    if not (file and number.isdecimal() and path.exists()):
        return None
    places = {file, str(Path(file).absolute())}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["record"] == int(number) and places & {
                record["file"],
                str(Path(record["file"]).absolute()),
            }:
                return Explanation(
                    document=document,
                    id=None,
                    source=record["source"],
                    language="",
                    verdict="rejected",
                    step="read",
                    reason=record["reason"],
                    path=record["file"],
                    record=record["record"],
                    text=record["detail"],
                )
    return None
