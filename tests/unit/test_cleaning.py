"""Cleaning over texts: what is repaired and replaced, and that edits lead back."""

from __future__ import annotations

import polars as pl
import pytest

from gamayun_data import ConfigError, clean, config
from gamayun_data.cleaning import PRIVATE, REPAIRS


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


def test_the_recipe_names_what_the_core_knows() -> None:
    from gamayun_data import _core

    assert _core.cleaning_names() == (list(REPAIRS), list(PRIVATE))
    asked = config.parse('version = 1\n[clean]\nrepair = ["encoding"]\nprivate = "all"')
    assert asked.clean.repair == ("encoding",)
    assert asked.clean.private == PRIVATE
    with pytest.raises(ConfigError, match=r"clean\.private"):
        config.parse('version = 1\n[clean]\nprivate = ["name"]')
    with pytest.raises(ConfigError, match="repair"):
        config.resolve(repair="encoding,spelling")
    assert config.resolve(repair="encoding,markup").clean.repair == ("encoding", "markup")
