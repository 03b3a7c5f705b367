"""Text that was counted is looked up, and encodes to the same ids."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gamayun_data as gd
from gamayun_data.errors import ConfigError, IntegrityError

TEXTS = [
    "low lower lowest, newer and the widest",
    "die Straße, größer und größer",
    "東京都に住む",
] * 3
OTHER = ["lower than the widest 東京都 Straße", "", "q" * 100, " a\n\n b"]


def _trained(counts: gd.PretokenCounts, vocab_size: int) -> gd.Tokenizer:
    return counts.train(vocab_size, threads=1)


def test_ids_are_those_without_segments(tmp_path: Path) -> None:
    counts = gd.PretokenCounts.of_texts({"xx": TEXTS})
    plain, looked_up = _trained(counts, 300), _trained(counts, 300)
    counts.save_segments(plain, tmp_path / "segments.bin")
    looked_up.use_segments(tmp_path / "segments.bin")
    looked_up.use_segments(tmp_path / "segments.bin")
    for texts in (TEXTS, OTHER, []):
        for threads in (1, 2):
            found, expected = (t.encode_batch(texts, threads=threads) for t in (looked_up, plain))
            np.testing.assert_array_equal(found[0], expected[0])
            np.testing.assert_array_equal(found[1], expected[1])


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    counts = gd.PretokenCounts.of_texts({"xx": TEXTS})
    first, second = _trained(counts, 300), _trained(counts, 310)
    path = tmp_path / "segments.bin"
    counts.save_segments(first, path)
    with pytest.raises(IntegrityError, match="segments of another tokenizer"):
        second.use_segments(path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IntegrityError, match=r"segments\.bin.*checksum"):
        first.use_segments(path)
    with pytest.raises(FileNotFoundError):
        first.use_segments(tmp_path / "none.bin")
    with pytest.raises(ConfigError, match="gpt2"):
        gd.PretokenCounts.of_texts({"xx": TEXTS}, split="gpt2").save_segments(first, path)
