"""Parquet of tokens, read by pyarrow and polars: a row a document, or a row a sample."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.unit.stage_run import Taken, write_run

import gamayun_data as gd
from gamayun_data import _core, manifests
from gamayun_data.loader import TokenDataset

pq: Any = pytest.importorskip("pyarrow.parquet")

POOLS = {"en-web": [n * 37 % 900 for n in range(120)], "ru-web": [70_000, 0, 1, 77, 3, 0]}
STAGES = [
    Taken("one", 64, {"en-web": 300, "ru-web": 1101}),
    Taken("two", 320, {"en-web": 300, "ru-web": 220}),
]


@pytest.fixture(scope="module", params=[300, 70_000])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "run"
    held_out, vocab_size = {"en-web": [500, 0, 60]}, request.param
    return write_run(
        folder, POOLS, STAGES, validation=held_out, shard_bytes=40_000, vocab_size=vocab_size
    )


def test_a_row_a_document(run: Path, tmp_path: Path) -> None:
    gd.export_shards(run, tmp_path / "links", format="megatron")
    made = gd.export_shards(run, tmp_path / "out", format="parquet")
    assert made.order == "shares"
    record = json.loads((tmp_path / "links" / "export.json").read_text("utf-8"))
    data = gd.open_run(run)
    for stage, counted in zip(made.summary()["stages"], record["stages"], strict=True):
        assert stage == counted
    for path in sorted((tmp_path / "out").rglob("*.parquet")):
        table = pl.read_parquet(path)
        places = []
        for doc_id, language, source, epoch, tokens in table.iter_rows():
            pool, shard, place = data.locate(doc_id)
            assert pool.rpartition("/")[2] == path.parent.name
            assert language == shard.language_names[shard.languages[place]]
            assert source == "web"
            assert tokens == shard.document(place).tolist()
            places.append((epoch, place))
        assert places == sorted(set(places))
    epochs = Counter(
        epoch
        for path in (tmp_path / "out" / "two" / "en-web").glob("*.parquet")
        for epoch in pl.read_parquet(path)["epoch"]
    )
    assert set(epochs) == {0, 1, 2}


def test_a_row_a_sample(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = gd.export_shards(run, out, format="parquet", by_sample=True)
    assert made.order == "exact"
    for stage in STAGES:
        table = pq.read_table(out / stage.name).to_pydict()
        wanted = TokenDataset(run, stage.name)
        assert table["sample"] == list(range(len(wanted)))
        batch = wanted.batch(range(len(wanted)))
        assert np.array_equal(table["tokens"], batch.tokens)
        assert table["pool"] == [wanted.pools[pool] for pool in wanted.pools_of(batch.samples)]
        for sample in (0, 7, len(wanted) - 1):
            one = wanted[sample]
            assert table["starts"][sample] == one.cu_seqlens[:-1].tolist()
            assert table["ids"][sample] == [raw.tobytes().hex() for raw in one.ids]
            names = [wanted.languages[code] for code in one.languages]
            assert table["languages"][sample] == names
            assert table["sources"][sample] == ["web"] * len(names)
        kind = "uint16" if batch.tokens.itemsize == 2 else "uint32"
        schema = pq.read_schema(out / stage.name / "00000.parquet")
        assert str(schema.field("tokens").type.value_type) == kind


def test_files_end_with_samples_and_bytes_depend_on_nothing_else(run: Path, tmp_path: Path) -> None:
    reader = manifests.reader(run, manifests.read(run / "manifests" / "two.json"))
    made = []
    for name in ("a", "b"):
        files = _core.export_samples(
            "parquet",
            reader,
            pools=["en-web", "ru-web"],
            folder=tmp_path / name,
            file_bytes=100 * 320 * reader.width,
        )
        assert [samples for _, samples in files] == [100] * 5 + [20]
        made.append([Path(file[0]).read_bytes() for file, _ in files])
    assert made[0] == made[1]
    rows = pl.read_parquet(sorted((tmp_path / "a").glob("*.parquet")))
    assert rows["sample"].to_list() == list(range(520))


def test_row_groups_are_small_whatever_the_documents(tmp_path: Path) -> None:
    stages = [Taken("one", 1000, {"en-web": 500})]
    run = write_run(
        tmp_path / "run", {"en-web": [100_000] * 40}, stages, shard_bytes=1 << 30, vocab_size=70_000
    )
    parts = gd.export_shards(run, tmp_path / "out", format="parquet").stages[0].pools[0].parts
    assert (len(parts), parts[0].documents) == (1, 5)
    _, shard = gd.open_run(run).locate(f"{1:032x}")[:2]
    pool = ("en-web", 0, len(shard.tokens) * 5)
    bin_path = shard.path.with_suffix(".bin")
    written = _core.export_pool(
        "parquet",
        (*pool, [(bin_path, len(shard.tokens), shard.bin_sha256)]),
        seed=1,
        tokenizer_sha256=shard.tokenizer_sha256,
        folder=tmp_path / "all",
        copy=False,
    )
    file = pq.ParquetFile(written[0][3][0][0])
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert sum(sizes) == 200
    assert max(sizes) * 400_000 < 70 << 20
