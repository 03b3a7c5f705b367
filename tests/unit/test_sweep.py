"""Sweeps: every point is the vocabulary of its own training, measured right."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

import gamayun_data as gd
from gamayun_data.fairness import gini

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {
    "de": ["Guten Tag und guten Abend euch allen, ihr guten Leute der Stadt"] * 10,
    "en": ["Good day and good evening to all of you, good people of the town"] * 40,
    "ru": ["Добрый день и добрый вечер всем вам, добрые люди нашего города"] * 5,
}
HELD_OUT = {"de": ["Gute Leute, guten Tag"], "en": ["Good people"], "ru": ["Добрые люди"]}
PARALLEL = [
    ("en", "1", "Good day"),
    ("de", "1", "Guten Tag"),
    ("ru", "1", "Добрый день"),
]


@pytest.fixture
def counts() -> gd.PretokenCounts:
    return gd.PretokenCounts.of_texts(TEXTS, threads=1)


@pytest.fixture
def held_out() -> gd.PretokenCounts:
    return gd.PretokenCounts.of_texts(HELD_OUT, threads=1)


def tokens(made: gd.Tokenizer, texts: list[str]) -> int:
    return sum(made.encode(text).size for text in texts)


def test_points_are_trainings_of_their_own(
    counts: gd.PretokenCounts, held_out: gd.PretokenCounts
) -> None:
    text = gd.ParallelText.of(PARALLEL)
    done = gd.sweep_tokenizers(
        counts, [275, 265], ["natural", "ru=8", "parity"], held_out=held_out, parallel=text
    )
    made = {}
    for size in (265, 275):
        made["natural", size] = counts.train(size)
        made["ru=8", size] = counts.train(size, weights={"ru": 8.0})
        [made["parity", size]] = gd.train_parity(counts, [size], parallel=text).tokenizers
    order = [(name, size) for name in ("natural", "ru=8", "parity") for size in (265, 275)]
    assert [(point.weighting, point.vocab_size) for point in done.points] == order
    for point in done.points:
        own = made[point.weighting, point.vocab_size]
        for row in point.languages:
            assert row.tokens == tokens(own, HELD_OUT[row.language])
            assert row.bytes == len(HELD_OUT[row.language][0].encode())
            costs = tokens(own, text.texts(row.language)) / text.content(row.language)
            assert row.cost == pytest.approx(costs)
        assert point.gini == gini(row.cost for row in point.languages)
        assert point.tokens == point.vocab_size
    natural, parity = done.points[1], done.points[5]
    assert parity.gini < natural.gini
    assert (done.measured, done.page) == ("held-out text", None)
    assert set(done.seconds) == {"natural", "ru=8", "parity"}


def test_without_parallel_text_targets_compare(counts: gd.PretokenCounts, tmp_path: Path) -> None:
    path = tmp_path / "targets.toml"
    path.write_text("de = 1.5\nen = 1.0\nru = 2.0\n", "utf-8")
    done = gd.sweep_tokenizers(counts, [270], ["parity"], targets=path)
    made = gd.train_parity(counts, [270], targets={"de": 1.5, "en": 1.0, "ru": 2.0})
    for row in done.points[0].languages:
        size = sum(len(text.encode()) for text in TEXTS[row.language])
        count = tokens(made.tokenizers[0], TEXTS[row.language])
        assert (row.bytes, row.tokens, row.content_tokens) == (size, count, count)
        assert row.content == size / {"de": 1.5, "en": 1.0, "ru": 2.0}[row.language]
    assert done.measured == "the text that was trained on"


def test_a_language_that_is_not_compared_is_shown_all_the_same(
    counts: gd.PretokenCounts, tmp_path: Path
) -> None:
    path = tmp_path / "targets.toml"
    path.write_text("de = 1.0\nen = 1.0\n", "utf-8")
    done = gd.sweep_tokenizers(counts, [270], ["natural", "parity"], targets=path, output=tmp_path)
    text = gd.ParallelText.of([row for row in PARALLEL if row[0] != "ru"])
    by_text = gd.sweep_tokenizers(counts, [270], parallel=text)
    for point in (*done.points, *by_text.points):
        de, en, ru = point.languages
        assert ru.tokens > 0
        assert math.isnan(ru.cost)
        assert point.gini == gini([de.cost, en.cost])
        assert point.mean_cost == pytest.approx((de.cost + en.cost) / 2)
    assert "NaN" not in (tmp_path / "sweep.json").read_text("utf-8")


def test_what_is_written(counts: gd.PretokenCounts, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "sweep"
    weightings = ["natural", "T=2+hybrid=4"]
    done = gd.sweep_tokenizers(counts, [262, 270], weightings, output=folder, save=True)
    names = {f"{name}-{size}.json" for name in ("natural", "T=2-hybrid=4") for size in (262, 270)}
    assert {path.name for path in folder.iterdir()} == names | {"sweep.html", "sweep.json"}
    for point in done.points:
        assert point.file
        assert gd.Tokenizer.from_file(point.file).vocab_size == point.tokens
    told = json.loads((folder / "sweep.json").read_text("utf-8"))
    assert [point["gini"] for point in told["points"]] == [point.gini for point in done.points]
    page = (folder / "sweep.html").read_text("utf-8")
    assert page.count("<svg") == 6
    assert "T=2+hybrid=4" in page
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    gd.sweep_tokenizers(counts, [270, 262, 270], weightings, output=folder, save=True, threads=1)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_refusals(counts: gd.PretokenCounts, tmp_path: Path) -> None:
    def refused(message: str, sizes: list[int], *weightings: str, **options: object) -> None:
        with pytest.raises(gd.ConfigError, match=message):
            gd.sweep_tokenizers(counts, sizes, weightings, **options)  # type: ignore[arg-type]

    refused("expected sizes", [], "natural")
    refused("each once", [270], "natural", "natural")
    refused("each once", [270])
    refused("nothing was counted in xx", [270], "natural", "xx=2")
    refused("needs a folder", [270], "natural", save=True)
    other = gd.PretokenCounts.of_texts(HELD_OUT, split="gpt2")
    refused("split gpt2, not with gamayun", [270], "natural", held_out=other)
    strange = gd.ParallelText.of([("xx", "1", "x")])
    refused("none of the languages", [270], "natural", parallel=strange)
    path = tmp_path / "targets.toml"
    path.write_text("xx = 1.0\n", "utf-8")
    refused("nothing is said of de, en, ru", [270], "natural", targets=path)
    with pytest.raises(gd.ConfigError, match="hold no text"):
        gd.sweep_tokenizers(gd.PretokenCounts.of_texts({"en": []}), [270])
