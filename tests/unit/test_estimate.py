"""Estimates of tokens: from a sample with its error, from the counts exactly."""

from __future__ import annotations

import hashlib
import json
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from gamayun_data import estimate
from gamayun_data.errors import ConfigError, FormatError

if TYPE_CHECKING:
    from pathlib import Path


def encode_batch(texts: list[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """One token for two bytes."""
    lengths = [len(text.encode()) // 2 for text in texts]
    offsets = np.cumsum([0, *lengths])
    return np.zeros(offsets[-1], np.uint32), offsets


def write_selection(run: Path, documents: int) -> dict[str, int]:
    """Write a selection in two parts; return the true tokens of each pool, EOS included."""
    draw = random.Random(3)
    rows: list[dict[str, Any]] = []
    for number in range(documents):
        language = draw.choice(["en", "ru"])
        text = ("aé"[draw.random() < 0.5]) * draw.randrange(1, 400)
        rows.append(
            {
                "doc_id": hashlib.md5(str(number).encode()).digest(),
                "language": language,
                "domain": "web",
                "text": text,
                "bytes": len(text.encode()),
                "copies": 1,
                "split": "validation" if number % 50 == 0 else "train",
            }
        )
    folder = run / "selection"
    folder.mkdir(parents=True)
    for part in range(2):
        pl.DataFrame(rows[part::2]).write_parquet(folder / f"part-{part:05}.parquet")
    return {
        f"{language}-web": sum(
            row["bytes"] // 2 + 1
            for row in rows
            if row["language"] == language and row["split"] == "train"
        )
        for language in ("en", "ru")
    }


def test_a_large_pool_is_estimated_within_its_error(tmp_path: Path) -> None:
    truth = write_selection(tmp_path, 4000)
    found = estimate.from_selection(tmp_path, encode_batch, 65_024, sample_documents=200)
    assert not found.exact
    assert [pool.name for pool in found.pools] == ["en-web", "ru-web"]
    for pool in found.pools:
        assert 0 < pool.error < 0.01 * pool.tokens
        assert abs(pool.tokens - truth[pool.name]) < 4 * pool.error
    assert 300 < found.needs.sampled_documents < 500
    assert found.needs.seconds is not None
    assert found.needs.seconds > 0


def test_a_small_pool_is_counted_whole(tmp_path: Path) -> None:
    truth = write_selection(tmp_path, 100)
    found = estimate.from_selection(tmp_path, encode_batch, 65_537)
    assert {pool.name: pool.tokens for pool in found.pools} == truth
    assert all(pool.error == 0 for pool in found.pools)
    assert found.needs.sampled_documents == sum(pool.documents for pool in found.pools) == 98
    assert found.needs.disk_bytes == 4 * sum(truth.values()) + 40 * 98


def test_the_sample_does_not_depend_on_the_parts(tmp_path: Path) -> None:
    write_selection(tmp_path / "a", 2000)
    whole = pl.concat([pl.read_parquet(f) for f in (tmp_path / "a/selection").iterdir()])
    (tmp_path / "b" / "selection").mkdir(parents=True)
    whole.sort("text").write_parquet(tmp_path / "b" / "selection" / "part-00000.parquet")
    one, other = (
        estimate.from_selection(tmp_path / run, encode_batch, 100, sample_documents=50)
        for run in "ab"
    )
    assert one.pools == other.pools


def test_the_error_is_honest() -> None:
    """Over many samples, the standard error is the spread of the estimates."""
    draw = random.Random(1)
    sizes = [draw.randrange(50, 3000) for _ in range(1000)]
    tokens = [round(size * draw.uniform(0.2, 0.3)) for size in sizes]
    estimates, errors = [], []
    for _ in range(400):
        chosen = draw.sample(range(1000), 50)
        mean, error = estimate.ratio_estimate(
            [tokens[i] for i in chosen], [sizes[i] for i in chosen], 1000, sum(sizes)
        )
        estimates.append(mean)
        errors.append(error)
    assert np.std(estimates) == pytest.approx(np.mean(errors), rel=0.15)
    assert np.mean(estimates) == pytest.approx(sum(tokens), rel=0.005)


def test_of_one_document_or_none_little_is_known() -> None:
    assert estimate.ratio_estimate([], [], 10, 500) == (500, 500.0)
    assert estimate.ratio_estimate([25], [100], 10, 500) == (125, 125.0)


def test_the_counts_of_tokenising_are_exact(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    row: dict[str, Any] = {
        "name": "en-web",
        "language": "en",
        "domain": "web",
        "documents": 3,
        "tokens": 9,
    }
    row |= {"bytes": 40, "unique_documents": 2, "unique_tokens": 7}
    rows = [{**row, "split": split} for split in ("train", "validation")]
    file = tmp_path / "steps" / "tokenise.json"
    file.write_text(json.dumps({"counts": {"pools": rows}}))
    found = estimate.from_counts(tmp_path, 1000)
    assert found.exact
    assert [(pool.tokens, pool.unique_tokens, pool.error) for pool in found.pools] == [(9, 7, 0.0)]
    assert found.needs.disk_bytes == 2 * 9 + 3 * 40
    file.write_text("{}")
    with pytest.raises(FormatError, match=r"tokenise\.json: not a record of tokenising"):
        estimate.from_counts(tmp_path, 1000)


def test_a_run_without_selection_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no selection there; run `curate` first"):
        estimate.from_selection(tmp_path, encode_batch, 100)


def repeat(run: Path, copies: int) -> None:
    """Repeat the training documents of every other length."""
    for path in (run / "selection").iterdir():
        odd = (pl.col("bytes") % 2 == 1) & (pl.col("split") == "train")
        frame = pl.read_parquet(path).with_columns(copies=pl.when(odd).then(copies).otherwise(1))
        frame.with_columns(pl.col("copies").cast(pl.UInt32)).write_parquet(path)


def repeated(run: Path) -> dict[str, int]:
    """The true tokens of each pool, copies included."""
    rows = pl.concat([pl.read_parquet(path) for path in (run / "selection").iterdir()])
    train = rows.filter(pl.col("split") == "train")
    tokens = pl.col("copies").cast(pl.Int64) * (pl.col("bytes") // 2 + 1)
    sums = train.group_by("language").agg(tokens=tokens.sum())
    return {f"{language}-web": total for language, total in sums.iter_rows()}


def test_copies_are_tokens_of_a_pool_that_is_counted_whole(tmp_path: Path) -> None:
    once = write_selection(tmp_path, 100)
    repeat(tmp_path, 7)
    found = estimate.from_selection(tmp_path, encode_batch, 65_024)
    assert {pool.name: pool.tokens for pool in found.pools} == repeated(tmp_path)
    assert {pool.name: pool.unique_tokens for pool in found.pools} == once
    assert found.needs.sampled_documents == 98 < sum(pool.documents for pool in found.pools)


def test_the_error_of_copies_is_that_of_documents_drawn_once(tmp_path: Path) -> None:
    write_selection(tmp_path, 4000)
    repeat(tmp_path, 7)
    truth = repeated(tmp_path)
    found = estimate.from_selection(tmp_path, encode_batch, 65_024, sample_documents=200)
    assert 300 < found.needs.sampled_documents < 500
    for pool in found.pools:
        assert pool.error > 0
        assert abs(pool.tokens - truth[pool.name]) < 4 * pool.error
        assert pool.unique_tokens < 0.5 * pool.tokens
