"""Parity and sweeps over a run of the sample."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

import gamayun_data as gd

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def own(run: Path, tmp_path: Path) -> Path:
    """A copy of the finished run that may be written to."""
    return shutil.copytree(run, tmp_path / "own")


def test_training_with_parity(own: Path, tmp_path: Path) -> None:
    made = gd.train_fair_tokenizer(own, vocab_size=2000, weights="natural", threads=2)
    # It is trained on what it is measured by, but for held-out text: little text, so a wide bar.
    assert made.gini < made.classic_gini
    assert made.measured == "held-out text"
    tokenizer = gd.Tokenizer.from_file(made.path)
    assert (tokenizer.vocab_size, len(tokenizer.merges)) == (made.vocab_size, made.merges)
    held_out = {
        row.language: row.bytes_per_token for row in gd.evaluate_tokenizer(own).tokenizers[0].rows
    }
    gains = {row.language: row.bytes_per_token for row in made.languages}
    assert {name: gain for name, gain in gains.items() if gain} == held_out
    assert sum(row.turns for row in made.languages) == made.merges
    # Nobody says how many bytes code needs: it takes no turns.
    code = next(row for row in made.languages if row.language == "code")
    assert (code.turns, code.cost) == (0, None)
    before = (own / "tokenizer" / "tokenizer.json").read_bytes()
    again = gd.train_fair_tokenizer(own, vocab_size=2000, weights="natural", threads=1)
    assert again == made
    assert (own / "tokenizer" / "tokenizer.json").read_bytes() == before
    other = gd.train_fair_tokenizer(own, vocab_size=2000, weights="natural", hybrid=1000)
    assert other.classic_gini == made.classic_gini
    assert sum(row.turns for row in other.languages) == 743
    text = tmp_path / "dev.jsonl"
    lines = [("en", "Good day to you all"), ("de", "Guten Tag euch allen")]
    text.write_text(
        "".join(json.dumps({"language": a, "line": 1, "text": b}) + "\n" for a, b in lines)
    )
    two = gd.train_fair_tokenizer(own, vocab_size=2000, parallel=[text])
    assert {row.language for row in two.languages if row.cost} == {"en", "de"}
    # A recipe says the same as a call.
    asked = tmp_path / "recipe.toml"
    asked.write_text(
        "version = 1\n[tokenizer]\nvocab_size = 2000\nweights = 'natural'\n"
        "reserved = 2\nparity = { hybrid = 1000 }\n"
    )
    fair = gd.train_fair_tokenizer(own, recipe=asked)
    assert sum(row.turns for row in fair.languages) == 741
    told = gd.train_tokenizer_on_run(own, recipe=asked)
    assert (told.vocab_size, told.merges) == (fair.vocab_size, fair.merges)
    special = gd.Tokenizer.from_file(told.path).special_tokens
    assert sorted(special) == ["<|endoftext|>", "<|reserved_0|>", "<|reserved_1|>"]
    # Classic training over it is a training of its own.
    gd.train_tokenizer_on_run(own, vocab_size=2000)
    assert (own / "tokenizer" / "tokenizer.json").read_bytes() != before


def test_a_sweep_of_a_run_is_one_of_its_counts(own: Path, tmp_path: Path) -> None:
    sizes, weightings = [1000, 2000], ["natural", "equal", "parity"]
    swept = gd.sweep_run(own, vocab_sizes=sizes, weightings=weightings, output=tmp_path / "out")
    counts = own / "tokenizer" / "counts.bin"
    apart = gd.sweep_run(counts=counts, vocab_sizes=sizes, weightings=weightings)
    assert [point.vocab_size for point in swept.points] == [1000, 2000] * 3
    assert apart.measured == "the text that was trained on"
    for one, other in zip(swept.points, apart.points, strict=True):
        assert one.tokens == other.tokens
        assert {row.language for row in one.languages} <= {row.language for row in other.languages}
    held_out = {row.language: row for row in swept.points[1].languages}
    gd.train_tokenizer_on_run(own, vocab_size=2000, weights="natural")
    for row in gd.evaluate_tokenizer(own).tokenizers[0].rows:
        mine = held_out[row.language]
        assert (mine.bytes, mine.tokens) == (row.bytes, row.tokens)
    assert (tmp_path / "out" / "sweep.html").exists()


def test_refusals(own: Path, tmp_path: Path) -> None:
    with pytest.raises(gd.ConfigError, match="either a run or a file of counts"):
        gd.sweep_run(vocab_sizes=[1000])
    with pytest.raises(gd.ConfigError, match="exclude each other"):
        gd.train_fair_tokenizer(own, parallel=["a.jsonl"], targets="b.toml")
    with pytest.raises(gd.ConfigError, match="nothing is selected there"):
        gd.sweep_run(tmp_path, vocab_sizes=[1000])
    with pytest.raises(OSError, match=r"missing\.jsonl"):
        gd.train_fair_tokenizer(own, parallel=[tmp_path / "missing.jsonl"])
