"""Exports of the sample's run: counts are the manifests', licences those of the sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.integration.readers import litdata, megatron

import gamayun_data as gd
from gamayun_data.loader import TokenDataset

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine


def test_documents_are_those_that_the_manifests_count(run: Path, tmp_path: Path) -> None:
    made = gd.export_shards(run, tmp_path / "out", format="megatron")
    for stage in made.stages[:-1]:
        manifest = json.loads((run / "manifests" / f"{stage.name}.json").read_text("utf-8"))
        wanted = {row["name"]: row["documents"] for row in manifest["pools"] if row["samples"]}
        assert {pool.name: pool.documents for pool in stage.pools} == wanted
        for pool in stage.pools:
            found = [megatron.read(tmp_path / "out" / part.path) for part in pool.parts]
            assert sum(map(len, found)) == pool.documents
            assert all(document[-1] == 0 for part in found for document in part)
    record = json.loads((run / "provenance.json").read_text("utf-8"))
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    for source in record["sources"]:
        assert f"| {source['name']} | {source['licence']} |" in card
    assert (tmp_path / "out" / "tokenizer" / "tokenizer.json").read_bytes() == (
        run / "shards" / "tokenizer.json"
    ).read_bytes()


def test_samples_through_the_command(run: Path, tmp_path: Path, command: CommandLine) -> None:
    out = tmp_path / "out"
    told = command("shards", "export", run, "--format", "litdata", "--stage", "stage2", "-o", out)
    assert told.code == 0, told.err
    wanted = TokenDataset(run, "stage2")
    items = litdata.read(out / "stage2")
    assert np.array_equal(items, wanted.batch(range(len(wanted))).tokens)
    again = command("shards", "export", run, "--format", "litdata", "-o", out)
    assert (again.code, "is there already" in again.err) == (2, True)


@pytest.mark.parametrize("format", ["datatrove", "olmo", "mds", "llmc", "parquet"])
def test_every_format_takes_the_sample(run: Path, tmp_path: Path, format: str) -> None:
    made = gd.export_shards(run, tmp_path / "out", format=format)
    assert {stage.name for stage in made.stages} == {"stage1", "stage2", "validation"}
