"""Language thresholds from the scores of a run, and from labelled text."""

from __future__ import annotations

import json
import math
import random
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import gamayun_data as gd
from gamayun_data.thresholds import read_labelled, wilson_low

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine


def test_a_run_shows_what_it_was_decided_with(run: Path) -> None:
    rows = pl.read_parquet(run / "annotations" / "*.parquet")
    for one in gd.run_thresholds(run):
        scores = rows.filter(pl.col("language") == one.language)["language_score"].drop_nulls()
        values = [float(score) for score in scores]
        expected = statistics.median(values) - statistics.pstdev(values)
        assert one.threshold == pytest.approx(max(0.3, min(0.9, expected)))
        assert one.threshold == pytest.approx(one.used)
        assert one.documents == len(values)
        assert one.below == sum(value < one.threshold for value in values)


def test_a_run_can_stop_before_it_decides(
    sample: Path, tmp_path: Path, command: CommandLine
) -> None:
    run = tmp_path / "run"
    source = sample / "books.parquet"
    done = command("curate", source, "-o", run, "--until", "annotate", "--json")
    assert done.code == 0, done.err
    told = {one["language"]: one for one in json.loads(done.out)}
    assert told
    assert all(one["used"] is None for one in told.values())
    assert not (run / "decisions").exists()
    whole = gd.curate([source], output=run)
    assert {name: told[name]["threshold"] for name in whole.thresholds if name in told} == {
        name: pytest.approx(value) for name, value in whole.thresholds.items() if name in told
    }
    again = gd.curate([source], output=tmp_path / "again")
    assert again.kept == whole.kept


def least(pairs: list[tuple[bool, float]], precision: float) -> float | None:
    """The obvious way: try every score as the threshold."""
    good = []
    for threshold in {score for _, score in pairs}:
        accepted = [right for right, score in pairs if score >= threshold]
        if sum(accepted) >= precision * len(accepted):
            good.append(threshold)
    return min(good, default=None)


def test_labelled_text_gives_the_least_threshold_of_a_precision(
    sample: Path, tmp_path: Path
) -> None:
    documents = pl.read_parquet(sample / "books.parquet")["text"].to_list()
    pieces = random.Random(1).sample(" ".join(documents).split(), 4000)
    texts = [" ".join(pieces[at : at + 4]).replace("\t", " ") for at in range(0, 4000, 4)]
    model = gd.LanguageModel.load()
    truth = [one[0]["label"] if one else "xx" for one in model.score(texts, k=1).to_list()]
    rng = random.Random(2)
    labels = [label if rng.random() < 0.9 else "xx" for label in truth]
    path = tmp_path / "labelled.tsv"
    lines = [f"{label}\tsource\t{text}" for label, text in zip(labels, texts, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    assert read_labelled([path])["text"].to_list() == texts
    scores = [one[0] if one else None for one in model.score(texts, k=1).to_list()]
    found = gd.precision_thresholds([path], precision=0.92)
    assert found
    for row in found:
        mine = [
            (label == row.language, float(score["probability"]))
            for label, score in zip(labels, scores, strict=True)
            if score and score["label"] == row.language
        ]
        assert row.threshold == pytest.approx(least(mine, 0.92))
        if row.threshold is not None:
            accepted = [right for right, score in mine if score >= row.threshold]
            assert row.precision == sum(accepted) / len(accepted) >= 0.92
            assert row.recall == sum(accepted) / labels.count(row.language)
            assert row.precision_low == wilson_low(sum(accepted), len(accepted)) < row.precision


def test_wilsons_interval_is_that_of_the_normal_test() -> None:
    for right, of in ((1, 2), (99, 100), (500, 1000), (7, 7)):
        low, seen = wilson_low(right, of), right / of
        assert (seen - low) / math.sqrt(low * (1 - low) / of) == pytest.approx(1.96)


def test_what_cannot_be_is_refused(run: Path, tmp_path: Path, command: CommandLine) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("en\tfine\nno tab\n")
    done = command("curate", "thresholds", "--labelled", bad)
    assert done.code == 1
    assert "bad.tsv: line 2: no tab" in done.err
    bad.write_text("en\tfine words\n")
    done = command("curate", "thresholds", "--labelled", bad, "--langs", "xx")
    assert done.code == 2
    assert "no labelled text, or no label of the model: xx" in done.err
    assert command("curate", "thresholds").code == 2
    assert command("curate", "thresholds", run, "--labelled", bad).code == 2
    assert command("curate", "thresholds", run).code == 0
    assert "language_thresholds = {" in command("curate", "thresholds", "--labelled", bad).out
