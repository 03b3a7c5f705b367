"""Cleaning over texts: what is repaired and replaced, and that edits lead back."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from gamayun_data import ConfigError, clean, config, segment_languages
from gamayun_data.cleaning import LINES, PRIVATE, REPAIRS


def undone(row: dict[str, object]) -> str:
    text = str(row["text"]).encode()
    edits = row["changes"]
    assert isinstance(edits, list)
    for edit in reversed(edits):
        text = text[: edit["start"]] + edit["original"].encode() + text[edit["end"] :]
    return text.decode()


def test_edits_lead_back_and_private_matter_is_kept_only_if_asked() -> None:
    texts = [
        "nothing to do",
        "Ð¡Ñ‚Ð¾Ð»Ð¸Ñ†Ð° Ð¸ Ð³Ð¾Ñ€Ð¾Ð´",
        "wri\u200bte to anna@firm.de and 93.184.216.34",
    ]
    kept = clean(texts, keep_originals=True)
    assert [undone(row) for row in kept.rows(named=True)] == texts
    assert kept["text"][1] == "Столица и город"
    assert kept["text"][2] == "write to email1@example.com and 192.0.2.1"
    assert kept["text_bytes_before"].to_list() == [len(text.encode()) for text in texts]
    plain = clean(texts)
    assert plain["text"].to_list() == kept["text"].to_list()
    originals = plain["changes"][2].struct.unnest().filter(pl.col("kind").is_in(PRIVATE))
    assert originals["original"].to_list() == [None, None]
    assert clean(texts, threads=3).equals(plain)


def test_switches_are_separate() -> None:
    text = "wri\u200bte to anna@firm.de"
    assert clean([text], repair=[], private=[])["text"][0] == text
    assert clean([text], repair=["invisible"], private=[])["text"][0] == "write to anna@firm.de"
    with pytest.raises(ConfigError, match="spelling is unknown, expected one of encoding"):
        clean([text], repair=["spelling"])


def test_lines_of_the_page_go_if_they_are_named(tmp_path: Path) -> None:
    text = "Startseite | Kontakt | Impressum\nEs regnet.\nAlle Rechte vorbehalten\nVon Anna"
    assert clean([text], language="de")["text"][0] == text
    kept = clean([text], lines=["boilerplate"], language="de")
    assert kept["text"][0] == "Es regnet.\nVon Anna"
    assert undone(kept.row(0, named=True)) == text
    own = tmp_path / "own.txt"
    own.write_text("von anna\n", encoding="utf-8")
    kept = clean([text], lines=["boilerplate"], phrases=str(own), language="de")
    assert kept["text"][0] == "Es regnet."


def test_paragraphs_tell_their_languages() -> None:
    german = "Es regnet seit dem frühen Morgen, und niemand geht ohne Not aus dem Haus. " * 5
    english = "It has been raining since early morning, and nobody leaves the house. " * 5
    code = "```\nfor x in range(10): print(x)\n```\n"
    text = f"{german}\n\n{code}\n{english}"
    row = segment_languages([text, german], language="de").row(0, named=True)
    assert [one["language"] for one in row["paragraphs"]] == ["de", None, "en"]
    assert row["mixed"]
    assert {one["language"] for one in row["languages"]} == {"de", "en"}
    raw = text.encode()
    assert "".join(raw[p["start"] : p["end"]].decode() for p in row["paragraphs"]) == text
    alone = segment_languages([german], min_share=0.1)
    assert (alone["language"][0], alone["mixed"][0]) == ("de", False)


def test_the_recipe_names_what_the_core_knows() -> None:
    from gamayun_data import _core

    assert _core.cleaning_names() == (list(REPAIRS), list(PRIVATE), list(LINES))
    asked = config.parse('version = 1\n[clean]\nrepair = ["encoding"]\nprivate = "all"')
    assert asked.clean.repair == ("encoding",)
    assert asked.clean.private == PRIVATE
    with pytest.raises(ConfigError, match=r"clean\.private"):
        config.parse('version = 1\n[clean]\nprivate = ["name"]')
    with pytest.raises(ConfigError, match="repair"):
        config.resolve(repair="encoding,spelling")
    assert config.resolve(repair="encoding,markup").clean.repair == ("encoding", "markup")
