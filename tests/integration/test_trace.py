"""The documents of a sample are those whose tokens it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

import gamayun_data as gd
from gamayun_data import tracing
from gamayun_data.errors import ConfigError
from gamayun_data.loader import TokenDataset

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine


def test_stretches_are_the_tokens_of_their_documents(run: Path) -> None:
    samples = [0, 5, 100]
    opened, dataset = gd.open_run(run), TokenDataset(run, "stage2")
    found = tracing.trace(run, "stage2", samples)
    for sample in samples:
        tokens: list[int] = []
        for one in (one for one in found if one.sample == sample):
            assert one.start == len(tokens)
            held = opened.document(one.doc_id).tolist()
            tokens += held[one.offset : one.offset + one.tokens]
        assert tokens == dataset[sample].tokens.ravel().tolist()


def test_documents_are_told_as_the_selection_has_them(run: Path) -> None:
    frame = pl.read_parquet(run / "selection" / "part-*.parquet")
    rows = {bytes(row["doc_id"]).hex(): row for row in frame.iter_rows(named=True)}
    for one in tracing.trace(run, "stage1", tracing.step(3, 4)):
        row = rows[one.doc_id]
        assert one.sample in range(12, 16)
        for key in ("id", "domain", "language", "source", "split", "copies", "bytes"):
            assert getattr(one, key) == row[key]
        assert one.text == row["text"][: tracing.EXCERPT]
        assert one.url == json.loads(row["metadata"]).get("url")


def test_a_sample_beyond_the_stage_is_refused(run: Path) -> None:
    with pytest.raises(ConfigError, match="has samples 0 to"):
        tracing.trace(run, "stage1", [10**9])


def test_the_command(run: Path, command: CommandLine) -> None:
    told = command("shards", "trace", run, "--stage", "stage1", "--sample", 3, "--json")
    assert {one["sample"] for one in json.loads(told.out)} == {3}
    shown = command("shards", "trace", run, "--stage", "stage1", "--step", 1, "--batch-size", 2)
    assert shown.code == 0
    assert command("shards", "trace", run, "--stage", "stage1", "--step", 1).code == 2
