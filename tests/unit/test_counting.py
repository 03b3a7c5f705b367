"""Counts of pretokens: made once, saved, merged, and trained from at any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gamayun_data as gd

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {"en": ["low lower lowest, so low"] * 5, "ru": ["мир миру мир"] * 3}


@pytest.fixture
def counts() -> gd.PretokenCounts:
    return gd.PretokenCounts.of_texts(TEXTS, threads=1)


def test_what_was_counted(counts: gd.PretokenCounts) -> None:
    assert counts.split == "gamayun"
    # low, lower, lowest and so stand after a space but for the first; a comma is apart.
    assert counts.languages == (
        gd.LanguageCounts("en", 5, 120, 6),
        gd.LanguageCounts("ru", 3, 66, 3),
    )
    assert counts.pretokens == 9


def test_training_from_counts_is_training_from_texts(counts: gd.PretokenCounts) -> None:
    for weights in (None, {"ru": 3.0}):
        direct = gd.train_tokenizer(TEXTS, vocab_size=275, weights=weights, threads=1)
        counted = counts.train(275, weights=weights, threads=1)
        assert counted.core.to_json() == direct.core.to_json()


def test_sizes_of_one_training(counts: gd.PretokenCounts) -> None:
    sizes = [275, 257, 262]
    cut = [made.core.to_json() for made in counts.train_sizes(sizes, threads=1)]
    assert cut == [counts.train(size, threads=1).core.to_json() for size in sizes]


def test_saved_and_merged(counts: gd.PretokenCounts, tmp_path: Path) -> None:
    counts.save(tmp_path / "counts.bin")
    parts = [gd.PretokenCounts.of_texts({name: TEXTS[name]}, threads=2) for name in ("ru", "en")]
    gd.PretokenCounts.merge(parts).save(tmp_path / "merged.bin")
    written = (tmp_path / "counts.bin").read_bytes()
    assert (tmp_path / "merged.bin").read_bytes() == written
    again = gd.PretokenCounts.load(tmp_path / "counts.bin")
    assert (again.languages, again.pretokens) == (counts.languages, counts.pretokens)
    assert [path.name for path in tmp_path.iterdir()].count("counts.bin") == 1


def test_what_is_refused(counts: gd.PretokenCounts, tmp_path: Path) -> None:
    other = gd.PretokenCounts.of_texts(["a"], split="gpt2")
    with pytest.raises(gd.ConfigError, match="made with split gpt2, but gamayun"):
        gd.PretokenCounts.merge([counts, other])
    with pytest.raises(gd.ConfigError, match="no counts to merge"):
        gd.PretokenCounts.merge([])
    path = tmp_path / "counts.bin"
    path.write_bytes(b"something else entirely")
    with pytest.raises(gd.FormatError, match=r"counts\.bin: counts: not a count file"):
        gd.PretokenCounts.load(path)
    counts.save(path)
    damaged = bytearray(path.read_bytes())
    damaged[40] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(gd.IntegrityError, match=r"counts\.bin: counts: checksum"):
        gd.PretokenCounts.load(path)
    with pytest.raises(FileNotFoundError):
        gd.PretokenCounts.load(tmp_path / "none.bin")
