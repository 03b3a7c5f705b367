"""Measured tokenizers: ratios, names, and how odd tokens look on a console and on a page."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from gamayun_data import page_tokenizer, report_tokenizer
from gamayun_data.errors import ConfigError
from gamayun_data.evaluated import (
    Evaluation,
    EvaluationRow,
    SeenToken,
    StageAudit,
    Token,
    TokenAudit,
    TokenizerEvaluation,
    TokenPlace,
    VocabularyFindings,
)
from gamayun_data.evaluation import _aligned, _file, _names, shown

ENGLISH = EvaluationRow("en", 2, 100, 100, 20, 25, 15, 12, 2.0, 10, 8)
RUSSIAN = EvaluationRow("ru", 2, 180, 100, 20, 50, 5, 20, 2.5, 10, 4)
PLACE = TokenPlace(7, " [b]x[/b]", 30, 2, "forum", 0.95, 0.1, "00ff", 0.5)


def tokenizer(name: str = "t.json") -> TokenizerEvaluation:
    odd = (Token(1, "[bold]\u202e<script>", "context"), Token(2, "\\xc0", "bytes"))
    found = VocabularyFindings(
        100, 1, 0, odd, odd[1:], odd[:1], ((odd[0], odd[1]),), {"Latin": 90, "Han": 10}
    )
    return TokenizerEvaluation(
        name, 101, (ENGLISH, RUSSIAN), name, 100, 30, 2.2, (ENGLISH, RUSSIAN), (PLACE,), found
    )


def evaluation() -> Evaluation:
    return Evaluation("text", (tokenizer("a.json"), tokenizer("b.json")), 1.0, 2)


def audit() -> TokenAudit:
    stages = (StageAudit("one", 900, 2, 1, 1, ((1, 500), (2, 300), (10, 0))),)
    never = (SeenToken(3, "[red]\x00", (0,)), SeenToken(4, "\\xc0", (0,), note="bytes"))
    rare = (SeenToken(5, "<b>", (4,), "web", 2),)
    special = (SeenToken(0, "<|pad|>", (0,)),)
    return TokenAudit("RUN", 101, 100, 100, stages, (), never, rare, special, 0, (PLACE,), "t")


def printed(show: str, result: object) -> str:
    out = io.StringIO()
    getattr(report_tokenizer, show)(Console(file=out, width=160, color_system=None), result)
    return out.getvalue()


def test_measures_are_ratios_of_sums() -> None:
    assert ENGLISH.bytes_per_token == 4
    assert ENGLISH.fertility == 1.25
    assert ENGLISH.continued == 0.25
    assert ENGLISH.single == 0.8
    one = tokenizer()
    assert one.bytes_per_token == 280 / 75
    assert one.max_min == pytest.approx((50 / 180) / 0.25)
    assert one.gini == pytest.approx((50 / 180 - 0.25) / 2 / (50 / 180 + 0.25))
    assert one.parallel_max_min == 2
    assert one.premiums == {"en": 1.0, "ru": 2.0}
    assert one.use == 0.3
    assert one.renyi_efficiency == pytest.approx(2.2 / math.log(100))
    assert replace(one, parallel=(RUSSIAN,)).premiums == {}


def test_a_token_that_no_text_has_is_forgiven() -> None:
    found = audit()
    assert not found.ok
    assert replace(found, never=found.never[1:]).ok
    assert found.never_share == 0.02


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3), min_size=1, max_size=5))
def test_names_tell_paths_apart(parts: list[list[str]]) -> None:
    paths = list(dict.fromkeys(Path(*one) for one in parts))
    names = _names(paths)
    assert len(set(names)) == len(paths)
    assert all(str(path).endswith(name) for path, name in zip(paths, names, strict=True))


def test_equal_paths_have_equal_names() -> None:
    assert _names([Path("a/t.json"), Path("a/t.json")]) == ["a/t.json", "a/t.json"]
    assert _names([Path("a/t.json"), Path("b/t.json")]) == ["a/t.json", "b/t.json"]


def test_files_may_say_their_language() -> None:
    assert _file("de=x.txt") == ("x.txt", "de")
    assert _file("x.jsonl") == ("x.jsonl", None)
    assert _file("dir/a=b.jsonl") == ("dir/a=b.jsonl", None)


def test_bytes_that_are_no_characters_are_spelled_out() -> None:
    assert shown(b"\xe4\xb8") == "\\xe4\\xb8"
    assert shown("中".encode()) == "中"
    assert shown(None) == ""


def test_odd_tokens_are_shown_as_they_are() -> None:
    text = printed("evaluation", evaluation())
    assert "95.0% in forum (10.0% expected)" in text
    assert "' [b]x[/b]'" in text
    assert "Gini, parallel lines" in text
    text = printed("audit", audit())
    assert r"'[red]\x00'" in text
    assert "no UTF-8 text" in text
    assert "1 special tokens are never read: <|pad|>" in text


def test_pages_show_every_measure_and_escape_tokens() -> None:
    text = page_tokenizer.evaluation(evaluation()).html()
    for title, _, _ in page_tokenizer.MEASURES:
        assert text.count(f"<figcaption>{title}") == 1
    assert "<script" not in text
    assert "\u202e" not in text
    assert "a.json" in text
    text = page_tokenizer.audit(audit()).html()
    assert "&lt;b&gt;" in text
    assert "\x00" not in text
    assert "<polyline" in text


def test_parallel_text_without_a_common_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    rows = ["language\tline\ttext", "en\t1\ta", "de\t1\tb", "en\t2\tc", "fr\t2\td"]
    path.write_text("\n".join(rows))
    with pytest.raises(ConfigError, match="no line is in all of de, en, fr"):
        _aligned([path])
