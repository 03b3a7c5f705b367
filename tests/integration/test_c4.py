"""C4 in a run: lines that are left out are gone from documents, and told in `cleaning/`."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import gamayun_data as gd

SENTENCES = (
    "It rained all the day long, and we that have been there went home to wait for the end of it.",
    "On the next morning the sun came out, and with it came the people of the town to be seen.",
    "Nobody had told them that the road to the coast would be closed until the spring of the year.",
    "They left the house with the dog, and went along the river to the mill that they have.",
    "In the evening the lamps were lit, and the talk was of the harvest and of the price of bread.",
    "We have to be patient with the letters, for the post is slow and the bridge is gone.",
)


def document(extra: str) -> str:
    return "\n".join(SENTENCES) + "\n" + extra


@pytest.fixture
def run(tmp_path: Path) -> Path:
    rows = [
        {
            "id": "edited",
            "text": "Home\n" + document("Please enable JavaScript to see the page.\n"),
        },
        {"id": "kept", "text": document("And that is the end of it.")},
        {"id": "code", "text": document("if (it rains) { go home to wait }")},
        {"id": "few", "text": " ".join(SENTENCES).replace(".", ",") + "\nOne.\nTwo."},
    ]
    source = tmp_path / "en.jsonl"
    source.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    gd.curate([str(source)], output=tmp_path / "run", langs=["en"], language_threshold=0.1)
    return tmp_path / "run"


def rows(run: Path, table: str) -> list[dict[str, object]]:
    return pl.read_parquet(run / table / "part-*.parquet").to_dicts()


def test_lines_are_left_out_and_kept_aside(run: Path, tmp_path: Path) -> None:
    texts = {str(row["id"]): str(row["text"]) for row in rows(run, "documents")}
    assert texts["edited"] == "\n".join(SENTENCES)
    before = [json.loads(line) for line in (tmp_path / "en.jsonl").read_text("utf-8").splitlines()]
    ids = [str(row["id"]) for row in rows(run, "documents")]
    for name, row in zip(ids, rows(run, "cleaning"), strict=True):
        data, out, at = texts[name].encode(), b"", 0
        for change in row["changes"]:  # type: ignore[attr-defined]
            assert change["kind"] == "c4_lines"
            out += data[at : change["start"]] + change["original"].encode()
            at = change["end"]
        whole = next(one["text"] for one in before if one["id"] == name)
        assert (out + data[at:]).decode() == whole


def test_reasons_are_those_of_c4(run: Path) -> None:
    names = [row["id"] for row in rows(run, "documents")]
    reasons = dict(zip(names, [row["reason"] for row in rows(run, "decisions")], strict=True))
    assert reasons["edited"] is None
    assert reasons["code"] == "curly_bracket"
    assert reasons["few"] == "too_few_sentences"


def test_bytes_add_up(run: Path, tmp_path: Path) -> None:
    counts = json.loads((run / "steps" / "annotate.json").read_text("utf-8"))["counts"]
    told = counts["normalised"]
    source = (tmp_path / "en.jsonl").read_text("utf-8").splitlines()
    assert told["text_bytes_before"] == sum(
        len(json.loads(line)["text"].encode()) for line in source
    )
    left = told["text_bytes_before"] - told["cleaning_removed_bytes"] + told["cleaning_added_bytes"]
    assert counts["text_bytes"] == left
    assert told["cleaned_documents"] == 1
    assert gd.verify(run).ok


def test_a_change_is_explained(tmp_path: Path) -> None:
    source, run = tmp_path / "en.jsonl", tmp_path / "run"
    row = {"id": "edited", "text": "Home\n" + document("Enable JavaScript to see this page.")}
    source.write_text(json.dumps(row) + "\n", encoding="utf-8")
    gd.curate([source], output=run, langs=["en"], language_threshold=0.1)
    told = gd.explain(run, "edited")
    assert told.verdict == "kept"
    assert {change.kind for change in told.changed} == {"c4_lines"}
    originals = [change.original or "" for change in told.changed]
    assert "Home" in originals[0]
    gd.save_verdicts(run, tmp_path / "verdicts")
    (saved,) = pl.read_parquet(tmp_path / "verdicts" / "part-*.parquet").to_dicts()
    assert (saved["verdict"], saved["step"], saved["reason"]) == ("changed", "clean", "c4_lines")
    assert saved["value"] == sum(len(one.encode()) for one in originals) > 0
