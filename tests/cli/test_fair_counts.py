"""Parity from a file of counts, from the command line: no text is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gamayun_data import PretokenCounts, Tokenizer, cli, train_parity

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

TEXTS = {"en": ["low lower lowest newer"] * 9, "tr": ["taş taşlar taşlık başlar"] * 4}


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.bin"
    PretokenCounts.of_texts(TEXTS).save(path)
    return path


def train(counts: Path, *args: object) -> Result:
    given = ("tokenizer", "train", "--counts", counts, *args)
    return CliRunner().invoke(cli.cli, [str(one) for one in given], prog_name="gamayun-data")


def test_it_is_the_library_s(counts: Path, tmp_path: Path) -> None:
    out, targets = tmp_path / "tokenizer.json", tmp_path / "targets.toml"
    targets.write_text("en = 1.0\ntr = 1.1\n", encoding="utf-8")
    size = ("--vocab-size", 280, "--min-frequency", 1, "-o", out)
    result = train(counts, "--parity", "--targets", targets, *size, "--json")
    assert result.exit_code == 0, result.output
    loaded = PretokenCounts.load(counts)
    made = train_parity(loaded, [280], targets={"en": 1.0, "tr": 1.1}, min_frequency=1)
    assert Tokenizer.from_file(out).merges == made.tokenizers[0].merges
    told = json.loads(result.stdout)
    assert told["measured"] == "the text that was trained on"
    assert [row["turns"] for row in told["languages"]] == [row.turns for row in made.languages]


@pytest.mark.parametrize("option", [("--min-pretoken-count", 2), ("--memory", "1G")])
def test_options_of_classic_training_are_refused(
    counts: Path, tmp_path: Path, option: tuple[object, ...]
) -> None:
    result = train(counts, "--parity", *option, "-o", tmp_path / "tokenizer.json")
    assert result.exit_code == 2
    assert f"{option[0]} does not go with --parity" in result.output
