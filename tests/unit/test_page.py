"""Pages: what they show is escaped, well formed, the same each time, and where it should be."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamayun_data import plots
from gamayun_data.axis import fit, log_ticks, ticks
from gamayun_data.page import Page

SVG = "{http://www.w3.org/2000/svg}"
finite = st.floats(-1e12, 1e12, allow_subnormal=False)


def svg(text: str) -> ET.Element:
    return ET.fromstring(text)


def page() -> Page:
    made = Page("A & B <tokenizers>")
    made.heading("First")
    made.text("Words & more")
    made.table("Numbers", ["name", "count", "ratio"], [["<i>", 1234567, 0.12345], ["b", None, 2.0]])
    made.curves("Bytes per token", {"en": [(1, 4.0), (2, 4.5)], "ru": [(1, 3.0)]}, x="k", y="b")
    made.bars("Fertility", {"en": {"ours": 1.2, "theirs": None}, "ru": {"theirs": 2.5}}, x="f")
    return made


def test_the_same_parts_make_the_same_bytes() -> None:
    assert page().html() == page().html()


def test_nothing_is_loaded_from_outside_and_nothing_runs() -> None:
    text = page().html()
    for word in ("<script", "http:", "https:", "src=", "@import", "url(", "onload"):
        assert word not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_page_is_well_formed() -> None:
    text = page().html().replace("<!DOCTYPE html>\n", "")
    text = text.replace('<meta charset="utf-8">', "")
    text = text.replace('<meta name="viewport" content="width=device-width, initial-scale=1">', "")
    root = ET.fromstring(text)
    assert root.find("head/title") is not None
    assert [one.text for one in root.iter("h1")] == ["A & B <tokenizers>"]
    assert len(list(root.iter("table"))) == 3
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids)) == 4


def test_numbers_are_shown_short_and_what_is_missing_is_empty() -> None:
    text = page().html()
    assert '<td class="number">1,234,567</td><td class="number">0.123</td>' in text
    assert '<td class="number"></td><td class="number">2.000</td>' in text


@given(st.text(st.characters(codec=None), max_size=40))
def test_any_words_are_safe(words: str) -> None:
    made = Page(words)
    made.table(words, [words, words], [[words, words]])
    made.curves(words, {words: [(1, 2), (2, 3)]}, x=words, y=words)
    made.bars(words, {words: {words: 1.0}}, x=words)
    text = made.html()
    text.encode("utf-8")
    for part in text.split("<svg")[1:]:
        svg("<svg" + part.split("</svg>")[0] + "</svg>")


def test_a_page_is_written_whole(tmp_path: Path) -> None:
    path = page().write(tmp_path / "deep" / "page.html")
    assert path.read_text("utf-8") == page().html()
    assert [one.name for one in path.parent.iterdir()] == ["page.html"]


def test_points_lie_where_their_values_are() -> None:
    text = plots.curves("t", {"s": [(0, 0), (5, 50), (10, 100)]}, x="x", y="y")
    line = svg(text).find(f"{SVG}polyline")
    assert line is not None
    first, middle, last = (
        tuple(map(float, point.split(","))) for point in line.attrib["points"].split()
    )
    assert first[0] < middle[0] < last[0]
    assert first[1] > middle[1] > last[1], "up is more"
    assert middle == pytest.approx(((first[0] + last[0]) / 2, (first[1] + last[1]) / 2), abs=0.02)


def test_on_an_axis_of_powers_equal_factors_are_equally_far() -> None:
    axis = fit([1, 100], 0, 100, log=True, widen=False)
    assert [axis.at(one) for one in (1, 10, 100)] == [0, 50, 100]
    with pytest.raises(ValueError, match="positive"):
        fit([0, 1], 0, 1, log=True, widen=False)


def test_bars_are_as_long_as_their_values() -> None:
    drawn = svg(plots.bars("t", {"en": {"a": 1.0}, "ru": {"a": 2.0}, "zh": {"a": None}}, x="x"))
    widths = [float(one.attrib["width"]) for one in drawn.iter(f"{SVG}rect")]
    assert len(widths) == 2
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.05)
    with pytest.raises(ValueError, match="from 0"):
        plots.bars("t", {"en": {"a": -1.0}}, x="x")


def test_many_series_can_be_told_apart() -> None:
    drawn = svg(plots.curves("t", {str(n): [(0, n), (1, n)] for n in range(20)}, x="x", y="y"))
    looks = [
        (one.attrib["stroke"], one.attrib.get("stroke-dasharray"))
        for one in drawn.iter(f"{SVG}polyline")
    ]
    assert len(set(looks)) == 20


@pytest.mark.parametrize("series", [{}, {"a": []}, {"a": [(math.nan, 1.0)]}])
def test_without_values_a_plot_says_so(series: dict[str, list[tuple[float, float]]]) -> None:
    assert "Nothing to show." in plots.curves("t", series, x="x", y="y")
    assert "Nothing to show." in plots.bars("t", {key: {} for key in series}, x="x")


@given(finite, finite)
def test_ticks_are_few_and_inside(one: float, other: float) -> None:
    axis = fit([one, other], 0, 100, log=False, widen=True)
    marks = axis.ticks()
    assert 2 <= len(marks) <= 16
    assert list(marks) == sorted(set(marks))
    slack = (axis.high - axis.low) * 1e-6
    assert all(axis.low - slack <= mark <= axis.high + slack for mark in marks)
    assert 0 <= axis.at(one) <= 100


@given(st.floats(1e-6, 1e6), st.floats(1.01, 1e9))
def test_ticks_of_powers_are_inside(low: float, factor: float) -> None:
    marks = log_ticks(low, low * factor)
    assert len(marks) >= 2
    assert all(low * (1 - 1e-6) <= mark <= low * factor * (1 + 1e-6) for mark in marks)
    assert ticks(low, low * factor) == tuple(sorted(ticks(low, low * factor)))
