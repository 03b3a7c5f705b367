"""Deduplication alone: files in, removed documents with their evidence out."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import gamayun_data as gd
from gamayun_data import alone

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


def _ids(run: Path) -> set[str]:
    return set(pl.read_parquet(run / "selection" / "*.parquet")["id"])


QUOTE = " ".join(f"said{n}" for n in range(60))


def _mixed() -> dict[str, str]:
    """Two equal texts, one near to them, and a quotation in two more."""
    base = " ".join(WORDS[:200])
    near = " ".join([*WORDS[:199], "other"])
    quoting = {f"q{n}": f"{' '.join(WORDS[n : n + 40])} {QUOTE} end{n}" for n in (200, 300)}
    return {"a": base, "b": base, "c": near, **quoting}


@pytest.mark.parametrize(
    ("levels", "kept", "removed", "spans"),
    [
        (["exact"], 4, 1, 0),
        (["near"], 3, 2, 0),
        (["exact", "near"], 3, 2, 0),
        (["line"], 5, 0, 0),
        (["substring"], 3, 0, 3),  # of two texts that repeat the third too little is left
        (["near", "substring"], 3, 2, 1),
    ],
)
def test_each_level_runs_alone(
    tmp_path: Path, levels: list[alone.Level], kept: int, removed: int, spans: int
) -> None:
    file = _write(tmp_path / "in.jsonl", _mixed())
    run = tmp_path / "out"
    result = gd.dedup([file], output=run, levels=levels, keep="id")
    assert result.kept == kept
    listed = pl.read_parquet(run / "removed.parquet")
    assert listed.height == removed
    assert ("jaccard" in set(listed["measure"])) == ("near" in levels)
    found = run / "removed_spans.parquet"
    assert found.exists() == bool({"line", "substring"} & set(levels))
    if found.exists():
        assert pl.read_parquet(found).height == spans


def test_a_span_tells_what_was_cut_and_who_keeps_it(tmp_path: Path) -> None:
    texts = _mixed()
    file = _write(tmp_path / "in.jsonl", texts)
    run = tmp_path / "out"
    gd.dedup([file], output=run, levels=["near", "substring"], min_bytes=100)
    (span,) = pl.read_parquet(run / "removed_spans.parquet").iter_rows(named=True)
    gone = texts[span["id"]].encode()[span["start"] : span["end"]].decode()
    assert (span["level"], span["dropped"], span["source"]) == ("substring", False, "input")
    assert QUOTE in gone
    selection = pl.read_parquet(run / "selection" / "*.parquet")
    left = dict(selection.select(pl.col("doc_id").bin.encode("hex"), "text").rows())
    assert gone in left[span["evidence"]]
    assert left[span["doc_id"]] == texts[span["id"]].replace(gone, "")


def test_nothing_is_signed_for_equal_texts_alone(tmp_path: Path) -> None:
    file = _write(tmp_path / "in.jsonl", _mixed())
    sizes = []
    for levels in (["exact"], ["near"]):
        run = tmp_path / levels[0]
        gd.dedup([file], output=run, levels=levels)  # type: ignore[arg-type]
        (bands,) = (run / "bands").iterdir()
        sizes.append(bands.stat().st_size)
    assert sizes[0] < sizes[1] / 3


@pytest.mark.parametrize(
    ("levels", "options", "message"),
    [
        (["fuzzy"], {}, "levels: expected some of exact, near"),
        ([], {}, "levels: expected some of"),
        (["near"], {"min_bytes": 100}, "min_bytes: is of the level substring"),
        (["line"], {"paragraphs": 3}, "paragraphs: is of the level paragraph"),
        (["substring"], {"min_bytes": 5}, "min_bytes: expected 0 for none, or at least 20"),
    ],
)
def test_what_does_not_fit_the_levels_is_refused(
    tmp_path: Path, levels: list[alone.Level], options: dict[str, int], message: str
) -> None:
    file = _write(tmp_path / "in.jsonl", {"a": "one"})
    with pytest.raises(gd.ConfigError, match=message):
        gd.dedup([file], output=tmp_path / "out", levels=levels, **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("keep", "levels"),
    [(("longest", "id"), ["near"]), (("quality:edu", "newest"), ["near"]), (("id",), ["exact"])],
)
def test_a_list_alone_is_that_of_a_whole_run_and_writes_no_text(
    tmp_path: Path, keep: tuple[str, ...], levels: list[alone.Level]
) -> None:
    files = sorted(SAMPLE.glob("*"))
    options = {"keep": keep, "levels": levels}
    whole = gd.dedup(files, output=tmp_path / "whole", **options)  # type: ignore[arg-type]
    for name, few in (("some", files), ("back", files[::-1])):
        told = gd.dedup(few, output=tmp_path / name, list_only=True, threads=2, **options)  # type: ignore[arg-type]
        assert (told.read, told.kept, told.dropped) == (whole.read, whole.kept, whole.dropped)
        assert (told.languages, told.rejected) == (whole.languages, whole.rejected)
        assert told.alarms == whole.alarms
        lists = [pl.read_parquet(tmp_path / run / "removed.parquet") for run in ("whole", name)]
        assert lists[0].height > 0
        assert lists[0].equals(lists[1])
        kinds = {path.name for path in (tmp_path / name).iterdir()}
        assert kinds == {".lock", "rejected.jsonl", "removed.parquet", "run.json", "steps"}
    again = gd.dedup(files, output=tmp_path / "some", list_only=True, **options)  # type: ignore[arg-type]
    assert again.steps[0].skipped


def test_a_list_takes_no_texts_from_a_run_and_removes_none(tmp_path: Path) -> None:
    file = _write(tmp_path / "in.jsonl", {"a": "one text", "b": "and another"})
    gd.dedup([file], output=tmp_path / "out")
    with pytest.raises(gd.ConfigError, match="holds a run with texts"):
        gd.dedup([file], output=tmp_path / "out", list_only=True)
    with pytest.raises(gd.ConfigError, match="levels"):
        gd.dedup([file], output=tmp_path / "list", list_only=True, levels=["line"])


def test_a_list_rejects_bad_records_and_stops_at_alarms(tmp_path: Path) -> None:
    text = " ".join(WORDS[:100])
    file = _write(tmp_path / "in.jsonl", {str(n): text for n in range(120)})
    with file.open("a", encoding="utf-8") as lines:
        lines.write('{"id": "x"}\n')
    told = gd.dedup([file], output=tmp_path / "list", list_only=True)
    assert (told.read, told.kept, told.rejected) == (120, 1, {"missing_text": 1})
    assert "text is missing" in (tmp_path / "list" / "rejected.jsonl").read_text(encoding="utf-8")
    assert [alarm.kind for alarm in told.alarms] == ["source"]
    with pytest.raises(gd.IntegrityError, match="source input"):
        gd.dedup([file], output=tmp_path / "strict", list_only=True, strict=True)


def test_a_run_follows_a_list_that_was_cut_off(tmp_path: Path) -> None:
    file = _write(tmp_path / "in.jsonl", {str(n): " ".join(WORDS[n:]) for n in range(30)})

    def interrupt(name: str, *_: object) -> None:
        if name == "list":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gd.dedup([file], output=tmp_path / "out", list_only=True, progress=interrupt)
    listed = gd.dedup([file], output=tmp_path / "list", list_only=True)
    whole = gd.dedup([file], output=tmp_path / "out")
    assert (listed.read, listed.kept) == (whole.read, whole.kept)
