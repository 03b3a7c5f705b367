"""Repeats by cluster size on the sample: planted clusters, tokens that add up, copies apart."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import gamayun_data
from gamayun_data import shards

if TYPE_CHECKING:
    from tests.integration.conftest import Digests

pytestmark = pytest.mark.slow

PLANTED = 20
"""Documents that are planted again, one to five times."""


def planted(run: Path, folder: Path, files: int) -> Path:
    """English survivors of a run as a source of their own, some of them many times over."""
    rows = pl.concat(
        pl.read_parquet(path) for path in sorted((run / "selection").glob("*.parquet"))
    )
    kept = rows.filter((pl.col("language") == "en") & (pl.col("domain") == "web"))
    texts = kept.sort("doc_id")["text"].to_list()
    assert len(texts) > PLANTED
    again = [text for place, text in enumerate(texts[:PLANTED]) for _ in range(place % 5 + 1)]
    lines = [
        json.dumps({"id": str(number), "text": text}) + "\n"
        for number, text in enumerate([*texts, *again])
    ]
    folder.mkdir()
    for number in range(files):
        (folder / f"part-{number}.jsonl").write_text("".join(lines[number::files]))
    recipe = folder / "recipe.toml"
    recipe.write_text(
        "version = 1\n"
        'languages = ["en"]\n'
        "[[sources]]\n"
        'name = "web"\n'
        f'paths = ["{folder}/part-*.jsonl"]\n'
        '[dedup]\nrehydrate = "fixed"\n'
        "[tokenizer]\nvocab_size = 300\n"
        "[validation]\nshare = 0.3\n"
        '[[stages]]\nname = "one"\ntokens = 20000\nsequence_length = 128\n'
    )
    return recipe


@pytest.fixture(scope="module")
def repeated(run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("repeated")
    recipe = planted(run, folder / "in", 1)
    result = gamayun_data.curate(recipe=recipe, output=folder / "run", threads=1)
    return folder / "run", result


def selection(run: Path) -> pl.DataFrame:
    files = sorted((run / "selection").glob("*.parquet"))
    return pl.concat(pl.read_parquet(path) for path in files)


def held(run: Path, split: str) -> list[str]:
    """The ids of the documents of a split's only pool, in its order."""
    folder = run / "shards"
    kept_apart = {p: "validation" in str(p.relative_to(folder)) for p in folder.rglob("*.bin")}
    wanted = [path for path, apart in kept_apart.items() if apart == (split == "validation")]
    opened = [shards.open_shard(path) for path in sorted(wanted)]
    return [bytes(one).hex() for shard in opened for one in shard.ids]


def test_copies_follow_the_clusters_and_validation_is_read_once(
    repeated: tuple[Path, Any],
) -> None:
    run, result = repeated
    rows = selection(run)
    assert result.rehydration == {"en": {1: 1, 2: 2, 3: 3, 5: 5, 100: 8, 1000: 1}}
    steps = {1: 1, 2: 2, 3: 3, 4: 3}
    seen = set()
    for split, size, copies in rows.select("split", "cluster_size", "copies").iter_rows():
        assert copies == (steps.get(size, 5) if split == "train" else 1)
        seen.add((split, copies))
    assert {("train", 1), ("train", 2), ("train", 3), ("train", 5)} <= seen
    assert rows.filter((pl.col("split") == "validation") & (pl.col("cluster_size") > 1)).height


def test_an_explanation_tells_the_copies_and_the_cluster(repeated: tuple[Path, Any]) -> None:
    run, _ = repeated
    rows = selection(run).filter((pl.col("split") == "train") & (pl.col("copies") == 5))
    row = rows.row(0, named=True)
    told = gamayun_data.explain(run, row["doc_id"].hex())
    assert (told.verdict, told.copies, told.cluster_size) == ("kept", 5, row["cluster_size"])
    twin = next(
        one
        for path in sorted((run / "dedup").glob("part-*.parquet"))
        for one in pl.read_parquet(path).iter_rows(named=True)
        if one["kept_id"] == row["doc_id"]
    )
    told = gamayun_data.explain(run, twin["doc_id"].hex())
    assert (told.verdict, told.reason, told.copies) == ("dropped", "exact", None)
    assert (told.kept_document, told.similarity) == (row["doc_id"].hex(), 1.0)


def test_tokens_are_those_of_each_document_times_its_copies(repeated: tuple[Path, Any]) -> None:
    run, result = repeated
    rows = selection(run)
    core = gamayun_data.Tokenizer.from_file(run / "tokenizer" / "tokenizer.json")
    for split in ("train", "validation"):
        mine = rows.filter(pl.col("split") == split)
        lengths = [len(core.encode(text)) + 1 for text in mine["text"]]
        tokens = sum(c * n for c, n in zip(mine["copies"], lengths, strict=True))
        (pool,) = [pool for pool in result.build.pools if pool.split == split]
        assert (pool.tokens, pool.documents) == (tokens, mine["copies"].sum())
        if split == "train":
            (planned,) = result.plan.pools
            assert (planned.tokens, planned.unique_tokens) == (tokens, sum(lengths))
            assert planned.repeated_tokens > 0


def test_copies_never_lie_side_by_side(repeated: tuple[Path, Any]) -> None:
    run, _ = repeated
    order, rows = held(run, "train"), selection(run).filter(pl.col("split") == "train")
    wanted = {bytes(one).hex(): copies for one, copies in rows.select("doc_id", "copies").rows()}
    assert Counter(order) == wanted
    assert all(one != other for one, other in pairwise([*order, order[0]]))


def test_verify_accepts_copies_and_refuses_others(repeated: tuple[Path, Any]) -> None:
    run, _ = repeated
    found = gamayun_data.verify(run)
    assert found.ok, found.problems
    changed = sorted((run / "selection").glob("*.parquet"))
    part = next(path for path in changed if pl.read_parquet(path)["copies"].max() == 5)
    raw = part.read_bytes()
    table = pq.read_table(part)
    fewer = pa.array(np.minimum(table["copies"].to_numpy(), 4))
    place = table.schema.get_field_index("copies")
    try:
        pq.write_table(table.set_column(place, table.schema.field(place), fewer), part)
        problems = gamayun_data.verify(run).problems
    finally:
        part.write_bytes(raw)
    said = " ".join(problem.what for problem in problems)
    assert "copies of a train document of en" in said
    assert "stands where its shuffle key does not put it" in said


def test_the_same_bytes_whatever_the_threads_and_files(
    repeated: tuple[Path, Any], run: Path, tmp_path: Path, digests: Digests
) -> None:
    recipe = planted(run, tmp_path / "in", 3)
    gamayun_data.curate(recipe=recipe, output=tmp_path / "run", threads=3)
    one, other = digests(repeated[0]), digests(tmp_path / "run")
    assert one == other
