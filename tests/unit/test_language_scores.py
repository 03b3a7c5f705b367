"""The language of texts beside their rivals and scripts, a row for each."""

from __future__ import annotations

import pytest

import gamayun_data as gd

SCRIPTS = [
    "latin",
    "cyrillic",
    "greek",
    "arabic",
    "hebrew",
    "devanagari",
    "thai",
    "han",
    "kana",
    "hangul",
    "other",
]
TEXTS = [
    "Saya akan pergi ke pasar bersama dengan ibu saya besok pagi.",
    "Вчера мы читали Tolstoy.",
    "東京タワーへ",
    "2026 — 12:30",
]


@pytest.fixture(scope="module")
def ours() -> gd.LanguageModel:
    return gd.LanguageModel.load("gamayun")


def test_a_row_tells_language_rival_and_scripts(ours: gd.LanguageModel) -> None:
    frame = gd.score_languages(TEXTS, model=ours)
    assert frame.columns[6:] == SCRIPTS
    malay, russian, japanese, nothing = frame.iter_rows(named=True)
    assert malay["language"] in ("id", "ms")
    assert malay["rival"] in ("id", "ms", None)
    assert malay["rival"] != malay["language"]
    assert malay["margin"] >= malay["probability"] - malay["second_probability"] - 1e-6
    assert (malay["latin"], malay["other"]) == (1.0, 0.0)
    assert russian["cyrillic"] == pytest.approx(13 / 20)
    assert japanese["language"] == "ja"
    assert (japanese["han"], japanese["kana"]) == pytest.approx((2 / 6, 4 / 6))
    assert nothing["language"] is None
    assert nothing["margin"] is None
    assert all(nothing[script] == 0 for script in SCRIPTS)


def test_shares_add_up_and_margins_are_those_of_the_scores(ours: gd.LanguageModel) -> None:
    frame = gd.score_languages(TEXTS, model=ours, threads=2)
    assert frame.equals(gd.score_languages(TEXTS, model=ours, threads=1))
    assert frame.select(SCRIPTS).sum_horizontal().to_list() == pytest.approx([1, 1, 1, 0])
    sixteen = ours.score(TEXTS, 16).to_list()
    names = dict(zip(ours.core.labels, ours.core.languages, strict=True))
    pairs = {frozenset(pair[:2]) for pair in ours.core.pairs}
    for row, scores in zip(frame.iter_rows(named=True), sixteen, strict=True):
        if not scores or not any(scores[0]["label"] in pair for pair in pairs):
            assert row["margin"] is None
            continue
        behind = [s for s in scores[1:] if frozenset((scores[0]["label"], s["label"])) in pairs]
        assert row["rival"] == (names[behind[0]["label"]] if behind else None)
        gap = scores[0]["probability"] - (behind[0]["probability"] if behind else 0)
        assert row["margin"] == pytest.approx(gap)


def test_fasttext_knows_no_rivals() -> None:
    frame = gd.score_languages(TEXTS, model=gd.LanguageModel.load("lid.176"))
    assert frame["rival"].null_count() == frame["margin"].null_count() == len(TEXTS)
    assert frame["latin"].to_list() == pytest.approx([1, 7 / 20, 0, 0])
