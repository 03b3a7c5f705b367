"""The languages of paragraphs of documents in files: as in memory, counts that add up, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

import gamayun_data as gd
from gamayun_data.cli import cli
from gamayun_data.errors import ConfigError, InputError

GERMAN = "Es regnet seit dem frühen Morgen, und niemand geht ohne Not aus dem Haus hinaus. " * 6
ENGLISH = "It has been raining since the early morning, and nobody leaves the house at all. " * 6
TEXTS = [GERMAN, f"{GERMAN}\r\n\r\n{ENGLISH}", f"{ENGLISH * 9}\n\n{GERMAN}", "a b", ""]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    lines, table = tmp_path / "a.jsonl", tmp_path / "b.parquet"
    rows = [{"id": f"a{n}", "text": text} for n, text in enumerate(TEXTS)]
    lines.write_text("\n".join(map(json.dumps, rows)) + "\n{}\n", encoding="utf-8")
    pl.DataFrame({"id": range(len(TEXTS)), "text": TEXTS}).write_parquet(table, row_group_size=2)
    return [lines, table]


def test_rows_are_those_of_texts_in_memory(tmp_path: Path, files: list[Path]) -> None:
    found = gd.segment_files(files, output=tmp_path / "out.parquet", threads=2)
    rows = pl.read_parquet(tmp_path / "out.parquet")
    texts = [text.replace("\r\n", "\n") for text in TEXTS] * 2
    assert rows.drop("id", "input", "record").equals(gd.segment_languages(texts))
    assert rows["id"].to_list()[4:6] == ["a4", "0"]
    assert rows["record"].to_list() == [1, 2, 3, 4, 5] * 2
    assert (found.records, found.documents, dict(found.rejected)) == (11, 10, {"missing_text": 1})
    assert (found.first_rejected or "").startswith(f"{files[0]}: record 6")


def test_counts_are_those_of_the_rows(tmp_path: Path, files: list[Path]) -> None:
    found = gd.segment_files(files, output=tmp_path / "out.parquet", min_share=0.3)
    rows = pl.read_parquet(tmp_path / "out.parquet")
    for language, told in found.languages.items():
        own = rows.filter(language=language)
        assert told.documents == len(own)
        assert told.mixed == own["mixed"].sum()
        assert told.with_foreign == (own["foreign_share"] > 0).sum()
        assert told.bytes == told.unknown_bytes + sum(told.paragraphs.values())
    assert found.languages["de"].mixed == 2
    assert found.languages["en"].with_foreign == 2
    assert found.languages["en"].mixed == 0
    assert sum(told.bytes for told in found.languages.values()) == 2 * sum(
        len(text.replace("\r\n", "\n").encode()) for text in TEXTS
    )


def test_threads_and_formats_change_nothing(tmp_path: Path, files: list[Path]) -> None:
    one, two = (
        gd.segment_files(files, output=tmp_path / f"{threads}.parquet", threads=threads)
        for threads in (1, 3)
    )
    assert one.languages == two.languages
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "3.parquet").read_bytes()
    alone = gd.segment_files(files[1])
    assert alone.languages["de"].documents == one.languages["de"].documents / 2


def test_what_is_wrong_is_told(tmp_path: Path, files: list[Path]) -> None:
    with pytest.raises(InputError, match=r"a\.jsonl: record 6: text is missing"):
        gd.segment_files(files, on_bad_record="fail", output=tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
    with pytest.raises(ConfigError, match="min_share"):
        gd.segment_files(files, min_share=0)
    with pytest.raises(ConfigError, match="among the files that are read"):
        gd.segment_files(files, output=files[1])
    with pytest.raises(ConfigError, match="no files"):
        gd.segment_files([])


def test_the_command_tells_the_same(tmp_path: Path, files: list[Path]) -> None:
    given = [str(path) for path in files]
    command = ["language", "segments", *given, "--min-share", "0.3", "--json"]
    result = CliRunner().invoke(cli, [*command, "-o", str(tmp_path / "out.parquet")])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["languages"]["de"]["mixed"] == 2
    assert told["table"] == str(tmp_path / "out.parquet")
    shown = CliRunner().invoke(cli, ["language", "segments", *given])
    assert "missing_text" in shown.stdout
    assert "de" in shown.stdout
