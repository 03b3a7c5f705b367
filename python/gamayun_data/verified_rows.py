"""`verify` of the rows: every document of a run, recounted from its tables by polars."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from typing import TYPE_CHECKING, Any

from gamayun_data import provenance
from gamayun_data.errors import IntegrityError
from gamayun_data.rehydration import weight_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import polars as pl

    from gamayun_data.findings import Findings


def check_rows(found: Findings) -> None:
    """Recount every document from its rows, part by part."""
    import polars as pl

    claimed = provenance.read(found.run)
    dropped: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    documents = text_bytes = selected = left = 0
    for part in sorted(path.name for path in (found.run / "documents").glob("part-*.parquet")):
        frame = _part(found, part)
        documents += frame.height
        text_bytes += int(frame["size"].sum())
        counted = frame.group_by("fate").len()
        fates = {fate: count for fate, count in counted.iter_rows() if fate != "kept"}
        dropped.update(fates)
        selected += frame.height - sum(fates.values())
        kept = frame.filter(pl.col("fate") == "kept")
        left += int(kept["size"].sum()) - int(kept["cut"].sum())
        _same_bytes(found, part, frame)
    for record in _json_lines(found.run / "rejected.jsonl"):
        if not record["tail_unknown"]:
            rejected[record["reason"]] += 1
    counts, path = claimed["counts"], provenance.FILE
    found.equal(path, "documents", documents, counts["documents"])
    found.equal(path, "rejected records", dict(rejected), counts["rejected"])
    found.equal(path, "records", documents + rejected.total(), counts["records"])
    found.equal(path, "dropped documents", dict(dropped), counts["dropped"])
    found.equal(path, "selected documents", selected, counts["selected"])
    found.equal(path, "bytes of text", text_bytes, counts["text_bytes"])
    found.equal(path, "bytes that edits leave", left, counts["selected_bytes"])
    _selection(found, counts, claimed["rehydration"])
    _against(found, claimed["against"])
    found.checked["documents"] += documents


def _part(found: Findings, part: str) -> pl.DataFrame:
    """The fate of each document of a part: `kept`, or `step.reason`."""
    import polars as pl

    columns = {
        "documents": pl.scan_parquet(found.run / "documents" / part).select(
            size=pl.col("text").str.len_bytes()
        ),
        "annotations": pl.scan_parquet(found.run / "annotations" / part).select("text_bytes"),
        "decisions": pl.scan_parquet(found.run / "decisions" / part).select(
            "passed", "step", "reason"
        ),
        "dedup": pl.scan_parquet(found.run / "dedup" / part).select(
            "kept_id", "kept_from", "measure"
        ),
    }
    if (found.run / "edits").is_dir():
        span = pl.element().struct
        cut = pl.col("spans").list.eval(span.field("end") - span.field("start")).list.sum()
        edits = pl.scan_parquet(found.run / "edits" / part)
        columns["edits"] = edits.select(cut=cut, short="dropped")
    if (found.run / "contamination").is_dir():
        looked_for = pl.scan_parquet(found.run / "contamination" / part)
        columns["contamination"] = looked_for.select("dropped", "benchmark")
    else:
        nothing = {"dropped": pl.lit(value=False), "benchmark": pl.lit("")}
        columns["decisions"] = columns["decisions"].with_columns(**nothing)
    tables = {name: column.collect() for name, column in columns.items()}
    heights = {name: table.height for name, table in tables.items()}
    if len(set(heights.values())) > 1:
        raise IntegrityError(
            f"{part}: rows do not agree: {heights}", path=found.run / "documents" / part
        )
    near = (
        pl.when(pl.col("kept_from").is_not_null())
        .then(pl.lit("earlier"))
        .when(pl.col("measure") == "exact")
        .then(pl.lit("exact"))
        .otherwise(pl.lit("near"))
    )
    fate = (
        pl.when(~pl.col("passed"))
        .then(pl.col("step") + "." + pl.col("reason"))
        .when(pl.col("dropped"))
        .then(pl.lit("decontamination.") + pl.col("benchmark"))
        .when(pl.col("kept_id").is_not_null())
        .then(pl.lit("dedup.") + near)
        .otherwise(pl.lit("kept"))
    )
    frame = pl.concat(tables.values(), how="horizontal").with_columns(fate=fate)
    if "short" not in frame.columns:
        return frame.with_columns(cut=pl.lit(0, dtype=pl.UInt64))
    short = pl.col("short") & (pl.col("fate") == "kept")
    too_short = pl.lit("passages.too_short")
    return frame.with_columns(fate=pl.when(short).then(too_short).otherwise("fate"))


def _same_bytes(found: Findings, part: str, frame: pl.DataFrame) -> None:
    import polars as pl

    off = frame.with_row_index().filter(pl.col("text_bytes") != pl.col("size"))
    if off.height:
        row = off["index"][0]
        found.wrong(f"annotations/{part}", f"row {row}: another text size than in documents/")


def _selection(
    found: Findings, counts: Mapping[str, Any], weights: Mapping[str, Mapping[str, int]]
) -> None:
    """The selection holds the survivors, each once, ordered by DocId."""
    removed = _removed(found, counts)
    seed = secrets.randbits(64)
    survivors, wanted = 0, 0
    for ids in _survivors(found):
        left = ids.filter(~ids.is_in(removed.implode()))
        survivors, wanted = survivors + len(left), wanted + _sum_of_hashes(left, seed)
    sums, kinds = Counter[str](), set[tuple[str, str, int, int]]()
    last, ordered, documents, held = b"", True, 0, 0
    for frame in _selected(found):
        ids = frame["doc_id"]
        ordered = ordered and last < ids[0] and bool((ids.shift(1) < ids).slice(1).all())
        last = ids[-1]
        documents, held = documents + len(ids), held + _sum_of_hashes(ids, seed)
        sums["bytes"] += int(frame["size"].sum())
        sums["copies"] += int(frame["copies"].sum())
        sums["copied_bytes"] += int((frame["copies"] * frame["size"]).sum())
        kinds |= set(frame.select("language", "split", "cluster_size", "copies").unique().rows())
    if not ordered or documents != survivors or (held - wanted) % 2**64:
        found.wrong("selection", "its documents are not the survivors in the order of their ids")
    lost = counts.get("removed", {})
    for key, name, what in (
        ("bytes", "selected_bytes", "bytes of text"),
        ("copies", "copies", "documents repeated"),
        ("copied_bytes", "copied_bytes", "bytes repeated"),
    ):
        found.equal("selection", what, sums[key], counts[name] - lost.get(key, 0))
    _copies(found, kinds, weights)


def _survivors(found: Findings) -> Iterator[pl.Series]:
    """The ids of the documents that nothing took, part by part."""
    import polars as pl

    for path in sorted((found.run / "dedup").glob("part-*.parquet")):
        passed = pl.read_parquet(found.run / "decisions" / path.name, columns=["passed"])
        ids = pl.read_parquet(path, columns=["doc_id", "kept_id"])
        stays = passed["passed"] & ids["kept_id"].is_null()
        edits = found.run / "edits" / path.name
        if edits.exists():
            stays &= ~pl.read_parquet(edits, columns=["dropped"])["dropped"]
        if (found.run / "contamination").is_dir():
            looked = found.run / "contamination" / path.name
            stays &= ~pl.read_parquet(looked, columns=["dropped"])["dropped"]
        yield ids.filter(stays)["doc_id"].cast(pl.Binary)


def _selected(found: Findings) -> Iterator[pl.DataFrame]:
    """The rows of the selection, file by file: ids, pools, clusters, copies, bytes of text."""
    import polars as pl

    columns = (
        pl.col("doc_id").cast(pl.Binary),
        "language",
        "split",
        "cluster_size",
        pl.col("copies").cast(pl.UInt64),
    )
    size = pl.col("text").str.len_bytes().cast(pl.UInt64)
    for path in sorted((found.run / "selection").glob("part-*.parquet")):
        frame = pl.scan_parquet(path).select(*columns, size=size).collect()
        if frame.height:
            yield frame


def _sum_of_hashes(ids: pl.Series, seed: int) -> int:
    """Equal for equal sets of ids in whatever order; for others, equal once in 2⁶⁴.

    So two sets are compared part by part, and neither is held.
    """
    return int(ids.hash(seed).to_numpy().sum(dtype="uint64"))


def _removed(found: Findings, counts: Mapping[str, Any]) -> pl.Series:
    """The ids of documents that were taken out of the selection."""
    import polars as pl

    ids: list[bytes] = []
    for path in sorted((found.run / "removed").glob("*.json")):
        ids += map(bytes.fromhex, json.loads(path.read_text(encoding="utf-8"))["documents"])
    claimed = counts.get("removed", {}).get("documents", 0)
    found.equal("removed", "documents that were removed", len(set(ids)), claimed)
    return pl.Series(ids, dtype=pl.Binary)


def _copies(
    found: Findings,
    kinds: set[tuple[str, str, int, int]],
    weights: Mapping[str, Mapping[str, int]],
) -> None:
    """A training document has the copies that its language and cluster weigh, others one."""
    by_size = {
        language: {int(size): weight for size, weight in mine.items()}
        for language, mine in weights.items()
    }
    for language, split, size, copies in sorted(kinds):
        known = by_size.get(language, {}) if split == "train" else {}
        what = f"copies of a {split} document of {language}, cluster of {size}"
        found.equal("selection", what, copies, weight_of(known, size))


def _against(found: Findings, counts: Mapping[str, int]) -> None:
    """What earlier runs have is listed as often as is claimed; what went is in the list."""
    import polars as pl

    if not counts:
        return
    listed = pl.read_parquet(found.run / "against" / "part-*.parquet")
    listed_of = dict.fromkeys(counts, 0) | dict(
        listed.group_by("reference").len().sort("reference").iter_rows()
    )
    found.equal("against", "documents that earlier runs have", listed_of, dict(counts))
    proven = listed.filter(pl.col("measure").is_not_null() & (pl.col("similarity") > 0))
    found.equal("against", "documents with a proof", proven.height, listed.height)


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
