"""Items of test sets in texts: found by words and by characters, weighted by rarity."""

from __future__ import annotations

import polars as pl
import pytest

import gamayun_data as gd

ITEMS = [
    "Which planet of the solar system has the shortest day of all the planets?",
    "太阳系中哪一颗行星的一天最短，它自转一周需要多少个小时？",
    "too short an item",
]
FILLER = " ".join(f"word{n}" for n in range(300))
CHINESE = "这一页讲的是别的事情，和问题没有任何关系。" * 9


def test_items_are_found_in_pages_of_either_kind() -> None:
    pages = [
        FILLER,
        f"{FILLER} {ITEMS[0].upper()} {FILLER}",
        f"{CHINESE}{ITEMS[1]}{CHINESE}",
        f"{CHINESE}{ITEMS[0]}{CHINESE}",
        f"{ITEMS[1]} {FILLER}",
        f"{FILLER} {ITEMS[2]}",
    ]
    found = gd.decontaminate(pages, ITEMS, threads=2)
    assert found.select("text", "item").rows() == [(1, 0), (2, 1), (3, 0), (4, 1)]
    assert found["score"].to_list() == pytest.approx([1.0] * 4)
    assert (found["ngrams"] == found["item_ngrams"]).all()
    again = gd.decontaminate(pl.Series(pages), pl.Series(ITEMS), threads=1)
    assert again.equals(found)


def test_a_part_of_an_item_counts_by_the_threshold() -> None:
    words = ITEMS[0].split()
    page = f"{FILLER} {' '.join(words[:9])} {FILLER}"
    (row,) = gd.decontaminate([page, FILLER], ITEMS).iter_rows(named=True)
    assert (row["ngrams"], row["item_ngrams"]) == (5, 10)
    assert row["score"] == pytest.approx(0.5)
    assert gd.decontaminate([page, FILLER], ITEMS, threshold=0.6).height == 0


def test_a_few_characters_are_no_proof() -> None:
    phrase = "どうもありがとう、ね"  # nine characters, five n-grams
    assert gd.decontaminate([f"{phrase}{CHINESE}", CHINESE], [phrase]).height == 0


def test_no_texts_or_items_give_no_matches() -> None:
    assert gd.decontaminate([], ITEMS).height == 0
    assert gd.decontaminate([FILLER], []).height == 0


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"ngram": 0}, "ngram"),
        ({"minimum_words": 4}, "minimum_words"),
        ({"threshold": 0.0}, "threshold"),
    ],
)
def test_parameters_out_of_range_are_refused(options: dict[str, float], name: str) -> None:
    with pytest.raises(gd.ConfigError, match=name):
        gd.decontaminate([FILLER], ITEMS, **options)  # type: ignore[arg-type]
