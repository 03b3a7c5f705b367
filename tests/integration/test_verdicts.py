"""A row for each document, the waterfall made of them, and two runs side by side."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import gamayun_data as gd
from gamayun_data import verdicts

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the sample with other thresholds."""
    run = tmp_path_factory.mktemp("other") / "run"
    changes: Any = {"language_threshold": {"fr": 0.99}, "keep": "longest,id"}
    gd.curate(sample=True, output=run, threads=2, **changes)
    return run


def everything(run: Path, folder: Path) -> pl.DataFrame:
    gd.save_verdicts(run, folder, everything=True)
    return pl.read_parquet(folder / "part-*.parquet")


def test_rows_say_what_explain_says(finished: tuple[Path, Any], tmp_path: Path) -> None:
    run, result = finished
    table = everything(run, tmp_path / "all")
    assert table.height == result.read
    assert table["doc_id"].is_sorted()
    assert table["doc_id"].n_unique() == table.height
    for row in table.sample(60, seed=1).iter_rows(named=True):
        told = gd.explain(run, row["doc_id"])
        kept = row["verdict"] in {"kept", "changed"}
        assert told.verdict == ("kept" if kept else "dropped")
        assert (told.source, told.id, told.language) == (row["source"], row["id"], row["language"])
        assert told.kept_document == row["kept_id"]
        if not kept:
            value = told.similarity if row["step"] == "dedup" else told.value
            assert (told.step, told.reason) == (row["step"], row["reason"])
            assert (value, told.threshold) == (row["value"], row["threshold"])


def test_only_what_was_dropped_or_changed_is_written_by_default(
    finished: tuple[Path, Any], tmp_path: Path
) -> None:
    run, result = finished
    written = gd.save_verdicts(run, tmp_path / "some")
    table = pl.read_parquet(tmp_path / "some" / "part-*.parquet")
    assert "kept" not in table["verdict"]
    assert table.filter(pl.col("verdict") == "dropped").height == result.dropped
    assert sum(written.verdicts.values()) == table.height
    with pytest.raises(gd.ConfigError, match="not empty"):
        gd.save_verdicts(run, tmp_path / "some")


@pytest.mark.parametrize("size", [1, 100, 941, 10**6])
def test_buckets_do_not_show(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    whole = everything(run, tmp_path / "whole")
    monkeypatch.setattr(verdicts, "BUCKET_DOCUMENTS", size)
    assert everything(run, tmp_path / "dealt").equals(whole)
    assert not (tmp_path / "dealt" / "scratch").exists()


def test_the_waterfall_adds_up(finished: tuple[Path, Any]) -> None:
    run, result = finished
    fallen = gd.retention_waterfall(run)
    by_language = {row.language: row for row in result.languages}
    assert {one.language for one in fallen.languages} == by_language.keys()
    for one in fallen.languages:
        row = by_language[one.language]
        assert (one.documents, one.kept) == (row.read, row.kept)
        taken = sum(fall.documents for fall in one.falls)
        assert one.documents - taken == one.kept == one.fates()["kept"]
        assert one.bytes - sum(fall.bytes for fall in one.falls) >= 0


def test_a_run_does_not_differ_from_itself(run: Path) -> None:
    same = gd.compare_runs(run, run)
    assert (same.changed, same.transitions, same.settings) == (0, (), ())
    assert same.both == same.same > 0


def test_two_runs_differ_where_their_rows_do(
    run: Path, other: Path, tmp_path: Path, command: CommandLine
) -> None:
    old, new = everything(run, tmp_path / "old"), everything(other, tmp_path / "new")
    told = {}
    for name, table in (("old", old), ("new", new)):
        told[name] = {
            row["doc_id"]: "kept" if row["verdict"] == "kept" else f"{row['step']}/{row['reason']}"
            for row in table.iter_rows(named=True)
        }
    pairs = {i: (told["old"].get(i), told["new"].get(i)) for i in {*told["old"], *told["new"]}}
    expected = Counter(pair for pair in pairs.values() if pair[0] != pair[1])
    assert expected

    done = command("curate", "compare", run, other, "-o", tmp_path / "rows", "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    found = Counter[tuple[str, str]]()
    for move in result["transitions"]:
        found[move["before"], move["after"]] += move["documents"]
    assert found == expected
    written = pl.read_parquet(tmp_path / "rows" / "part-*.parquet")
    assert set(written["doc_id"]) == {i for i, pair in pairs.items() if pair[0] != pair[1]}
    settings = {one["name"]: (one["before"], one["after"]) for one in result["settings"]}
    assert settings["dedup.keep"][1] == ["longest", "id"]
    assert settings["language threshold of fr"][1] == 0.99
    assert {move["why"] for move in result["transitions"]} <= {"settings", "duplicates"}


def test_documents_of_one_run_alone_are_absent_in_the_other(
    run: Path, sample: Path, tmp_path: Path
) -> None:
    part = tmp_path / "part"
    gd.curate([sample / "books.parquet"], output=part, threads=1)
    found = gd.compare_runs(part, run)
    assert found.only_after > 0
    absent = [move for move in found.transitions if move.why == "absent"]
    assert sum(m.documents for m in absent) == found.only_before + found.only_after


def test_what_is_no_run_is_refused(run: Path, tmp_path: Path, command: CommandLine) -> None:
    done = command("curate", "compare", run, tmp_path)
    assert done.code == 2
    assert "nothing is curated there" in done.err
    done = command("curate", "waterfall", run, "--lang", "xx")
    assert done.code == 2
    assert "no document of it" in done.err
    assert command("curate", "waterfall", run, "--lang", "ko").code == 0
    assert "dedup" in command("curate", "waterfall", run).out
