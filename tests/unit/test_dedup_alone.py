"""Deduplication alone: files in, removed documents with their evidence out."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import gamayun_data as gd

SAMPLE = Path(gd.__file__).parent / "data" / "sample"
WORDS = [f"word{n}" for n in range(400)]


def _write(path: Path, texts: dict[str, str]) -> Path:
    lines = [json.dumps({"id": name, "text": text}) for name, text in texts.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def test_removed_documents_stand_with_their_evidence(tmp_path: Path) -> None:
    base = " ".join(WORDS[:200])
    near = " ".join([*WORDS[:199], "other"])
    texts = {"a": base, "b": base, "c": near, "d": " ".join(WORDS[200:])}
    file = _write(tmp_path / "in.jsonl", texts)
    result = gd.dedup([file], output=tmp_path / "out", keep="id")
    assert (result.read, result.kept) == (4, 2)
    removed = pl.read_parquet(tmp_path / "out" / "removed.parquet")
    assert removed["doc_id"].is_sorted()
    (kept,) = set(removed["kept_id"])
    assert set(removed["id"]) == {"a", "b", "c"} - {kept}
    assert set(removed["kept_source"]) == {"input"}
    for row in removed.iter_rows(named=True):
        one, other = _shingles(texts[row["id"]]), _shingles(texts[kept])
        exact = texts[row["id"]] == texts[kept]
        assert row["measure"] == ("exact" if exact else "jaccard")
        assert row["similarity"] == pytest.approx(len(one & other) / len(one | other), abs=1e-12)
        assert (row["cluster_size"], row["input"]) == (3, str(file))


@pytest.mark.parametrize("containment", [None, 0.9])
def test_a_text_that_a_longer_one_contains_goes_when_asked_for(
    tmp_path: Path, containment: float | None
) -> None:
    book = pl.read_parquet(SAMPLE / "books.parquet")["text"][0]
    words = book.split()
    begun = " ".join(words[: len(words) * 9 // 10])
    file = _write(tmp_path / "in.jsonl", {"book": book, "begun": begun})
    run = tmp_path / "out"
    result = gd.dedup([file], output=run, threshold=0.95, containment=containment)
    removed = pl.read_parquet(run / "removed.parquet")
    if containment is None:
        assert (result.kept, removed.height) == (2, 0)
        return
    (row,) = removed.iter_rows(named=True)
    assert (row["id"], row["kept_id"], row["measure"]) == ("begun", "book", "containment")
    one, other = _shingles(begun), _shingles(book)
    assert 0.9 <= row["similarity"] <= 1.0
    assert row["similarity"] == pytest.approx(len(one & other) / len(one), abs=0.02)
    told = gd.explain(run, "begun")
    assert (told.step, told.reason, told.kept_id) == ("dedup", "containment", "book")
    assert told.similarity == row["similarity"]


def test_the_same_files_in_another_order_give_the_same_list(tmp_path: Path) -> None:
    base = " ".join(WORDS[:100])
    _write(tmp_path / "one.jsonl", {"a": base, "b": " ".join(WORDS[100:200])})
    _write(tmp_path / "two.jsonl", {"c": base, "d": base + " more"})
    files = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    gd.dedup(files, output=tmp_path / "x", threads=1)
    gd.dedup(files[::-1], output=tmp_path / "y", threads=2)
    lists = [pl.read_parquet(tmp_path / run / "removed.parquet") for run in "xy"]
    assert lists[0].equals(lists[1])
    assert lists[0].height == 2


def test_lines_that_many_documents_share_go_too(tmp_path: Path) -> None:
    footer = "All rights reserved by the owners of this page and of its many brothers."
    texts = {str(n): " ".join(f"w{n}x{i}" for i in range(80)) + "\n" + footer for n in range(30)}
    file = _write(tmp_path / "in.jsonl", texts)
    gd.dedup([file], output=tmp_path / "out", levels=["line"])
    kept = pl.read_parquet(tmp_path / "out" / "selection" / "*.parquet")["text"]
    assert (kept.len(), kept.str.contains(footer, literal=True).sum()) == (30, 1)


def test_nothing_removed_is_an_empty_list(tmp_path: Path) -> None:
    file = _write(tmp_path / "in.jsonl", {"a": "one text", "b": "and another"})
    gd.dedup([file], output=tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "removed.parquet").height == 0
