"""Parallel text as it is read, and parity-aware training on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import gamayun_data as gd
from gamayun_data.fairness import gini

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    ("en", "2", "Good evening"),
    ("en", "1", "Good day"),
    ("de", "1", "Guten Tag"),
    ("ru", "2", "Добрый вечер"),
    ("ru", "3", "Да"),
]
TEXTS = {
    "en": ["Good day and good evening to all of you, good people of the town"] * 40,
    "de": ["Guten Tag und guten Abend euch allen, ihr guten Leute der Stadt"] * 10,
    "ru": ["Добрый день и добрый вечер всем вам, добрые люди нашего города"] * 2,
}


@pytest.fixture
def text() -> gd.ParallelText:
    return gd.ParallelText.of(ROWS)


@pytest.fixture
def counts() -> gd.PretokenCounts:
    return gd.PretokenCounts.of_texts(TEXTS, threads=1)


def test_lines_are_those_of_the_reference(text: gd.ParallelText) -> None:
    assert text.reference == "en"
    assert text.languages == ("de", "en", "ru")
    assert text.texts("en") == ["Good day", "Good evening"]
    assert text.texts("ru") == ["Добрый вечер"]
    contents = [text.content(language) for language in text.languages]
    assert contents == [8, 20, 12]


def test_without_english_who_has_the_most_lines_is_the_reference() -> None:
    rows = [row for row in ROWS if row[0] != "en"]
    with pytest.raises(gd.ConfigError, match="de: no line is also there in 'ru'"):
        gd.ParallelText.of(rows)


def test_a_reference_that_shares_no_line_is_refused() -> None:
    with pytest.raises(gd.ConfigError, match="ru: no line is also there in 'de'"):
        gd.ParallelText.of(ROWS, reference="de")
    with pytest.raises(gd.ConfigError, match="holds no lines"):
        gd.ParallelText.of([])
    with pytest.raises(gd.ConfigError, match="line '1' is there twice in 'en'"):
        gd.ParallelText.of([*ROWS, ("en", "1", "Good day")])


def test_files(tmp_path: Path, text: gd.ParallelText) -> None:
    as_json, as_tsv = tmp_path / "dev.jsonl", tmp_path / "dev.tsv"
    records = [dict(zip(("language", "line", "text"), row, strict=True)) for row in ROWS]
    as_json.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    lines = ["text\tline\tlanguage", *(f"{row[2]}\t{row[1]}\t{row[0]}" for row in ROWS)]
    as_tsv.write_text("\n".join(lines), "utf-8")
    assert gd.ParallelText.read([as_json]) == gd.ParallelText.read([as_tsv]) == text
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    one.write_text(json.dumps(records[0]) + "\n", "utf-8")
    other.write_text("".join(json.dumps(record) + "\n" for record in records[1:]), "utf-8")
    assert gd.ParallelText.read([one, other]) == text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"language": "en", "line": "2"}', "record 2: text is missing or empty"),
        ('{"language": "", "line": "2", "text": "x"}', "record 2: language is missing or empty"),
        ('{"language": "en", "line": null, "text": "x"}', "record 2: line is missing or empty"),
        ('["en", "2", "x"]', "record 2: language is missing or empty"),
        ('{"language": ', "record 2: Expecting value"),
    ],
)
def test_bad_records_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "dev.jsonl"
    path.write_text(f'{{"language": "en", "line": 1, "text": "x"}}\n{line}\n', "utf-8")
    with pytest.raises(gd.InputError, match=message) as caught:
        gd.ParallelText.read([path])
    assert (caught.value.path, caught.value.record) == (str(path), 2)


def test_a_tsv_without_its_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dev.tsv"
    path.write_text("en\t1\tx\nde\t1\ty\n", "utf-8")
    with pytest.raises(gd.InputError, match="record 1: language is missing"):
        gd.ParallelText.read([path])


def costs(made: gd.Tokenizer, text: gd.ParallelText) -> list[float]:
    return [
        sum(made.encode(line).size for line in text.texts(name)) / text.content(name)
        for name in text.languages
    ]


def test_languages_pay_more_alike_than_with_classic_training(
    counts: gd.PretokenCounts, text: gd.ParallelText
) -> None:
    classic = counts.train(290, threads=1)
    made = gd.train_parity(counts, [290, 270], parallel=text, threads=1)
    fair = costs(made.tokenizers[0], text)
    assert gini(fair) < gini(costs(classic, text)) / 2
    # What training says of itself is what encoding finds.
    assert [row.cost for row in made.languages] == pytest.approx(fair)
    assert sum(row.turns for row in made.languages) == len(made.tokenizers[0].merges)
    shorter = made.tokenizers[1]
    assert shorter.merges == made.tokenizers[0].merges[: len(shorter.merges)]
    assert shorter.vocab_size == 270


def test_targets_and_forms(counts: gd.PretokenCounts) -> None:
    targets = {"en": 1.0, "ru": 1.8}
    made = gd.train_parity(counts, [280], targets=targets, threads=1)
    turns = {row.language: (row.turns, row.content) for row in made.languages}
    assert turns["de"] == (0, None)
    bytes_of = {row.language: row.bytes for row in counts.languages}
    assert turns["ru"][1] == pytest.approx(bytes_of["ru"] / 1.8, abs=1)
    hybrid = gd.train_parity(counts, [280], targets=targets, hybrid=10, threads=1)
    first = counts.train(267, threads=1).merges
    assert hybrid.tokenizers[0].merges[: len(first)] == first
    assert sum(row.turns for row in hybrid.languages) == 13
    # Who had the last turn is passed over: they take turns.
    window = gd.train_parity(counts, [280], targets=targets, window=1, alpha=0, threads=1)
    assert sorted(row.turns for row in window.languages) == [0, 11, 12]
    assert sorted(row.turns for row in made.languages) != [0, 11, 12]


def test_either_text_or_targets(counts: gd.PretokenCounts, text: gd.ParallelText) -> None:
    for both in ({}, {"parallel": text, "targets": {"en": 1.0}}):
        with pytest.raises(gd.ConfigError, match="either parallel text or targets"):
            gd.train_parity(counts, [280], **both)  # type: ignore[arg-type]
    with pytest.raises(gd.ConfigError, match='language "xx" has no counts'):
        gd.train_parity(counts, [280], targets={"xx": 1.0})
    other = gd.ParallelText.of([("xx", "1", "x")])
    with pytest.raises(gd.ConfigError, match="none of the languages of the counts"):
        gd.train_parity(counts, [280], parallel=other)
