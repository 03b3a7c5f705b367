"""The commands that write tokenizers for other tools, compare them and extend them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from click.testing import CliRunner, Result

import gamayun_data as gd
from gamayun_data.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "low lower lowest, so low 12345"


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, ["tokenizer", *map(str, args)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = gd.train_tokenizer([TEXT] * 4, vocab_size=265, split="gpt2")
    made.save(tmp_path / "t.json")
    return tmp_path / "t.json"


def test_there_and_back(file: Path, tmp_path: Path) -> None:
    ranks = tmp_path / "t.tiktoken"
    out = run("export", file, "--format", "tiktoken", "-o", ranks)
    assert out.exit_code == 0
    assert out.stdout == f"wrote {ranks}\n"
    hint = "not in the files: --split 'gpt2' --special-token '<|endoftext|>=0'"
    assert hint in out.stderr
    reading = ("--split", "gpt2", "--special-token", "<|endoftext|>=0")
    back = run("export", ranks, *reading, "--format", "json", "-o", tmp_path / "back.json")
    assert back.exit_code == 0
    assert (tmp_path / "back.json").read_bytes() == file.read_bytes()
    told = run("export", file, "--format", "vocab-merges", "-o", tmp_path / "pair", "--json")
    files = [str(tmp_path / "pair" / name) for name in ("vocab.json", "merges.txt")]
    assert json.loads(told.stdout)["files"] == files


def test_refusals_say_what_is_missing(file: Path, tmp_path: Path) -> None:
    ranks = tmp_path / "t.tiktoken"
    run("export", file, "--format", "tiktoken", "-o", ranks)
    out = run("export", ranks, "-o", tmp_path / "x.json")
    assert out.exit_code == 2
    assert "does not say how text is cut; expected a split" in out.stderr
    out = run("export", ranks, "--split", "gpt2", "--special-token", "x", "-o", tmp_path / "x.json")
    assert out.exit_code == 2
    assert "expected TOKEN=ID, found 'x'" in out.stderr
    out = run("export", ranks, "--split", "regex:[", "-o", tmp_path / "x.json")
    assert out.exit_code == 2
    assert 'split: regex "["' in out.stderr


def test_a_diff_and_its_map(file: Path, tmp_path: Path) -> None:
    gd.train_tokenizer(["slow slower"] * 9, vocab_size=262).save(tmp_path / "new.json")
    out = run("diff", file, tmp_path / "new.json", "--map", tmp_path / "map.parquet", "--json")
    assert out.exit_code == 0
    told = json.loads(out.stdout)
    table = pl.read_parquet(tmp_path / "map.parquet")
    assert told["new_tokens"] == table.height == 262
    assert told["shared"] == table["old_id"].is_not_null().sum()
    shown = run("diff", file, tmp_path / "new.json")
    assert f"shared       {told['shared']}" in shown.stdout


def test_an_extension(file: Path, tmp_path: Path) -> None:
    counts = gd.PretokenCounts.of_texts(["мир миру мирно"] * 5, split="gpt2")
    counts.save(tmp_path / "counts.bin")
    larger = tmp_path / "larger.json"
    out = run(
        "extend", file, "--counts", tmp_path / "counts.bin", "--vocab-size", 270, "-o", larger
    )
    assert out.exit_code == 0
    assert "270 ids, 5 of them new" in out.stderr
    old, new = gd.Tokenizer.from_file(file), gd.Tokenizer.from_file(larger)
    assert new.merges[: len(old.merges)] == old.merges
