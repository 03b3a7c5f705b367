"""A run that cleans: the texts, the edits beside them, and the counts that add up."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

import gamayun_data as gd

TEXTS = [
    "The parser is “fast” and reads all of the files that you give to it in one pass.",
    "The parser is â€œfastâ€\x9d and reads all of the files that you&nbsp;give to it in one go.",
    "Ask anna.berg@firma.de, not bob@firma.de; anna.berg@firma.de knows how the parser works.",
]
RECIPE = """
version = 1
languages = ["en"]
[[sources]]
name = "web"
paths = ["in.jsonl"]
language = "en"
rules = "none"
[dedup]
compare = "exact"
[clean]
repair = ["encoding", "markup"]
private = ["email"]
"""


def cleaned_run(folder: Path, threads: int) -> Path:
    folder.mkdir()
    lines = [json.dumps({"id": str(n), "text": text}) for n, text in enumerate(TEXTS)]
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    gd.curate(recipe=folder / "recipe.toml", output=folder / "run", threads=threads)
    return folder / "run"


def test_a_run_cleans_and_tells_what_it_changed(tmp_path: Path) -> None:
    run = cleaned_run(tmp_path / "one", 1)
    texts = pl.read_parquet(run / "documents" / "*.parquet")["text"].to_list()
    rows = pl.read_parquet(run / "cleaning" / "*.parquet")
    assert texts[0] == TEXTS[0]
    assert texts[1] == TEXTS[0].replace("in one pass", "in one go")
    assert texts[2].startswith("Ask email1@example.com, not email2@example.com; email1@")
    kinds = [[edit["kind"] for edit in edits] for edits in rows["changes"].to_list()]
    assert kinds[0] == []
    assert set(kinds[1]) == {"encoding", "entity"}
    assert kinds[2] == ["email"] * 3
    assert "firma" not in str(rows["changes"].to_list())
    receipt = json.loads((run / "steps" / "annotate.json").read_text("utf-8"))["counts"]
    counts = receipt["cleaned"]["en"]
    assert {kind: one["changes"] for kind, one in counts.items()} == {
        "email": 3,
        "encoding": 1,
        "entity": 1,
    }
    assert receipt["normalised"]["cleaned_documents"] == 2


def test_bytes_before_are_those_kept_with_those_removed_less_those_added(tmp_path: Path) -> None:
    run = cleaned_run(tmp_path / "one", 1)
    texts = pl.read_parquet(run / "documents" / "*.parquet")["text"]
    changes = pl.read_parquet(run / "cleaning" / "*.parquet")["changes"].explode().drop_nulls()
    rows = changes.struct.unnest()
    removed, added = int(rows["bytes_before"].sum()), int((rows["end"] - rows["start"]).sum())
    counts = json.loads((run / "provenance.json").read_text("utf-8"))["counts"]
    kinds = counts["cleaned"]["en"].values()
    assert removed == sum(kind["removed_bytes"] for kind in kinds)
    assert added == sum(kind["added_bytes"] for kind in kinds)
    kept = sum(len(text.encode()) for text in texts)
    assert kept + removed - added == sum(len(text.encode()) for text in TEXTS)
    assert "Cleaning" in (run / "report.html").read_text("utf-8")


def test_what_was_changed_is_explained(tmp_path: Path) -> None:
    run = cleaned_run(tmp_path / "one", 1)
    told = gd.explain(run, "2")
    assert [(one.kind, one.original) for one in told.changed] == [("email", None)] * 3
    assert [one.original for one in gd.explain(run, "1").changed] == ["â€œfastâ€\x9d", "&nbsp;"]
    gd.save_verdicts(run, tmp_path / "verdicts")
    rows = pl.read_parquet(tmp_path / "verdicts" / "*.parquet").sort("id")
    assert rows["verdict"].to_list() == ["changed", "changed"]
    assert rows["step"].to_list() == ["clean", "clean"]
    assert rows["reason"].to_list() == ["encoding+entity", "email"]


def test_threads_change_nothing_that_is_cleaned(tmp_path: Path) -> None:
    one, five = cleaned_run(tmp_path / "one", 1), cleaned_run(tmp_path / "five", 5)
    for folder in ("documents", "cleaning"):
        read = [pl.read_parquet(run / folder / "*.parquet") for run in (one, five)]
        read = [rows.select(pl.exclude("input")) for rows in read]
        assert read[0].equals(read[1])
    assert gd.verify(one).ok
