"""Hashers, similarities, batches: inputs, refusals, frameworks, datatrove's signatures."""

from __future__ import annotations

import base64
import json
import multiprocessing
import pickle
import runpy
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import gamayun_data as gd

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parents[1] / "golden/datatrove/minhash/signatures.jsonl"
LONG = "one two three four five six seven eight nine ten eleven twelve"
TEXTS = [LONG, "some other text that is not like it", LONG.upper() + "!", "", "..."]


def golden() -> list[dict[str, Any]]:
    with GOLDEN.open(encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


@pytest.mark.parametrize(
    "given",
    [
        list,
        pl.Series,
        pa.array,
        lambda texts: pa.chunked_array([texts[:2], texts[2:]]),
        lambda texts: pa.array(texts, pa.large_utf8()),
        lambda texts: pa.array(texts, pa.string_view()),
    ],
    ids=["list", "polars", "utf8", "chunks", "large", "view"],
)
def test_all_kinds_of_texts_are_signed_alike(given: Callable[[list[str]], Any]) -> None:
    hasher = gd.MinHasher(bands=4, rows=2)
    signed, keyed = hasher.signatures(given(TEXTS)), hasher.band_keys(given(TEXTS))
    assert (signed.shape, signed.dtype.name) == ((5, 8), "uint32")
    assert (keyed.shape, keyed.dtype.name) == ((5, 4), "uint64")
    assert (signed == hasher.signatures(TEXTS)).all()
    assert (signed[0] == signed[2]).all()
    assert (keyed[0] == keyed[2]).all()
    assert (keyed[:3] < 1 << 56).all()


def test_a_text_without_words_is_flagged_and_like_nothing() -> None:
    hasher = gd.MinHasher()
    signed = hasher.signatures(TEXTS)
    assert (signed[3:] == 0xFFFF_FFFF).all()
    assert (hasher.band_keys(TEXTS)[3:] == 2**64 - 1).all()
    assert float(hasher.estimate(signed[3], signed[4])) == 0.0
    assert hasher.estimate(signed, signed).tolist() == [1, 1, 1, 0, 0]
    assert gd.jaccard("", "...") == 0.0


def test_no_texts_make_no_rows() -> None:
    assert gd.MinHasher().signatures([]).shape == (0, 112)
    assert gd.jaccard([], []).shape == (0,)
    assert gd.Deduplicator().finish().kept == []


def test_nulls_and_what_is_no_text_are_refused() -> None:
    with pytest.raises(ValueError, match="1 nulls, the first at 1"):
        gd.MinHasher().signatures(pa.array(["a", None]))
    with pytest.raises(TypeError):
        gd.MinHasher().signatures("one text")
    with pytest.raises(TypeError, match="Int64"):
        gd.MinHasher().signatures(pa.array([1]))


def test_parameters_out_of_range_are_named() -> None:
    with pytest.raises(gd.ConfigError, match="bands is 0"):
        gd.MinHasher(bands=0).signatures(TEXTS)
    with pytest.raises(gd.ConfigError, match="shingle is 0"):
        gd.jaccard("a", "b", shingle=0)
    with pytest.raises(gd.ConfigError, match="threshold is 2"):
        gd.Deduplicator(threshold=2)
    with pytest.raises(gd.ConfigError, match="precision is 16"):
        gd.MinHasher.datatrove(precision=16).signatures(TEXTS)


def test_similarities_are_those_of_the_definition() -> None:
    a, b = "a b c d e f g", "b c d e f g h i"  # shingles of 5: 3 and 4, of which 2 are shared
    assert gd.jaccard(a, b) == 2 / 5
    assert gd.containment(a, b) == 2 / 3
    assert gd.containment(b, a) == 2 / 3
    assert gd.jaccard(a, b, shingle=1) == 6 / 9
    assert gd.jaccard(pa.array([a, a]), [b, a]).tolist() == [2 / 5, 1.0]
    with pytest.raises(gd.ConfigError, match="b is 2 texts, beside 1"):
        gd.jaccard([a], [a, b])
    with pytest.raises(gd.ConfigError, match="two of a kind"):
        gd.jaccard(a, [b])


def test_hashers_are_pickled_to_workers() -> None:
    hasher = gd.MinHasher(bands=3, rows=5, seed=9, threads=1)
    assert pickle.loads(pickle.dumps(hasher)) == hasher
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert (pool.map(hasher.signatures, [TEXTS])[0] == hasher.signatures(TEXTS)).all()


def test_a_hasher_adds_a_column_to_a_batch() -> None:
    for adds, width in (("band_keys", 14), ("signature", 112)):
        hasher = gd.MinHasher(column="body", adds=adds)  # type: ignore[arg-type]
        expected = hasher.band_keys(TEXTS) if width == 14 else hasher.signatures(TEXTS)
        table = pa.table({"body": TEXTS, "n": range(5)})
        for batch in (table, table.to_batches()[0]):
            made = hasher(batch)
            assert made.column_names if batch is table else made.schema.names
            assert made[adds].to_pylist() == expected.tolist()
        arrays = {"body": np.array(TEXTS, dtype=object), "n": np.arange(5)}
        made = hasher(arrays)
        assert set(made) == {"body", "n", adds}
        assert (made[adds] == expected).all()


@pytest.mark.parametrize("precision", [64, 32])
def test_signatures_are_those_of_datatrove(precision: Literal[32, 64]) -> None:
    rows = golden()
    hasher = gd.MinHasher.datatrove(precision=precision)
    made = hasher.signatures(words=[row["words"] for row in rows])
    flagged = np.iinfo(made.dtype).max
    languages = set()
    for row, signature in zip(rows, made, strict=True):
        packed = row[f"signature_{precision}"]
        if packed is None:
            assert (signature == flagged).all()
        else:
            raw = np.frombuffer(base64.b64decode(packed), dtype=f"<u{precision // 8}")
            assert (signature == raw).all(), row["id"]
            languages.add(row["lang"])
    assert len(languages) == 12


def test_texts_are_simplified_as_datatrove_does() -> None:
    rows = golden()
    made = gd.MinHasher.datatrove().simplify([row["text"] for row in rows])
    assert made == [row["simplified"] for row in rows]


@pytest.mark.parametrize("language", ["ru", "de", "fr", "es", "it", "pt", "ar", "tr"])
def test_our_words_of_simplified_texts_are_those_of_spacy(language: str) -> None:
    rows = [row for row in golden() if row["lang"] == language]
    hasher = gd.MinHasher.datatrove(language=language)
    by_text = hasher.signatures([row["text"] for row in rows])
    by_words = hasher.signatures(words=[row["words"] for row in rows])
    assert (by_text == by_words).all()
    assert hasher.estimate(by_text, by_words).sum() == sum(
        row["signature_64"] is not None for row in rows
    )


def test_datatrove_hashes_texts_or_words() -> None:
    with pytest.raises(gd.ConfigError, match="either texts or words"):
        gd.MinHasher.datatrove().signatures()


def test_batches_come_to_one_result() -> None:
    deduplicator = gd.Deduplicator()
    deduplicator.add(TEXTS[:2], ["a", "b"])
    deduplicator.add(pa.array(TEXTS[2:]), ["c", "d", "e"])
    found = deduplicator.finish()
    assert found.kept == ["a", "b", "d", "e"]
    assert found.removed == [gd.Removal("c", "a", "jaccard", 1.0)]
    assert found.cluster_sizes.tolist() == [2, 1, 2, 1, 1]


def test_order_chooses_the_survivor_across_batches() -> None:
    deduplicator = gd.Deduplicator()
    deduplicator.add(TEXTS[:2], order=[7, 1])
    deduplicator.add(TEXTS[2:], order=[3, 4, 5])
    assert deduplicator.finish().removed == [gd.Removal(0, 2, "jaccard", 1.0)]


def test_a_batch_that_does_not_fit_the_others_is_refused(tmp_path: Path) -> None:
    deduplicator = gd.Deduplicator(scratch=tmp_path)
    with pytest.raises(gd.ConfigError, match="ids: 1 for 2 texts"):
        deduplicator.add(["a", "b"], ["x"])
    deduplicator = gd.Deduplicator()
    deduplicator.add(["a"], ["x"])
    with pytest.raises(gd.ConfigError, match="ids: given for some batches"):
        deduplicator.add(["a"])
    with pytest.raises(gd.ConfigError, match="order is 2 ranks for 1 texts"):
        gd.Deduplicator().add(["a"], order=[1, 2])
    deduplicator.finish()
    with pytest.raises(gd.ConfigError, match="finished"):
        deduplicator.add(["a"], ["y"])
    with pytest.raises(gd.ConfigError, match="finished"):
        deduplicator.finish()


def test_scratch_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    deduplicator = gd.Deduplicator(memory=8, scratch=tmp_path / "none")
    with pytest.raises(OSError, match="none"):
        deduplicator.add([LONG, LONG])


def test_scratch_leaves_nothing_behind(tmp_path: Path) -> None:
    deduplicator = gd.Deduplicator(memory="1M", scratch=tmp_path)
    deduplicator.add(TEXTS)
    assert len(list(tmp_path.iterdir())) == 1
    del deduplicator  # unfinished
    assert list(tmp_path.iterdir()) == []
    deduplicator = gd.Deduplicator(memory="1M", scratch=tmp_path)
    deduplicator.add(TEXTS)
    deduplicator.finish()
    assert list(tmp_path.iterdir()) == []


def test_the_example_of_batches_finds_what_reads_alike(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(__file__).resolve().parents[2] / "examples" / "ray_data.py"
    runpy.run_path(str(path), run_name="__main__")
    keys = dict(line.split(" ", 1) for line in capsys.readouterr().out.splitlines())
    assert keys["a"] == keys["c"] != keys["b"]


@pytest.mark.parametrize("list_only", [False, True])
def test_a_run_normalises_as_the_functions_do(tmp_path: Path, *, list_only: bool) -> None:
    composed = "Un café très sûr, là-bas, près de la forêt où naît la rivière."
    texts = [composed, unicodedata.normalize("NFD", composed), f"\ufeff{composed}\0"]
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    gd.dedup([path], output=tmp_path / "run", list_only=list_only, threads=1)
    removed = pl.read_parquet(tmp_path / "run" / "removed.parquet")
    assert removed["measure"].to_list() == [row.measure for row in gd.deduplicate(texts).removed]
    assert removed["measure"].to_list() == ["exact", "exact"]


def test_texts_are_normalised_wherever_they_come_in() -> None:
    composed = "Un café très sûr, là-bas, près de la forêt où naît la rivière."
    texts = [composed, unicodedata.normalize("NFD", composed), f"\ufeff{composed}\0"]
    at_once = gd.deduplicate(texts)
    assert [(row.id, row.kept_id, row.measure) for row in at_once.removed] == [
        (1, 0, "exact"),
        (2, 0, "exact"),
    ]
    deduplicator = gd.Deduplicator(memory="1M")
    deduplicator.add(texts)
    assert deduplicator.finish().removed == at_once.removed
    hasher = gd.MinHasher()
    assert (hasher.signatures(texts) == hasher.signatures([composed])).all()
    assert (hasher.band_keys(texts) == hasher.band_keys([composed])).all()
    assert gd.jaccard([composed] * 3, texts).tolist() == [1, 1, 1]
    assert gd.containment([composed] * 3, texts).tolist() == [1, 1, 1]


def test_many_texts_stay_within_the_memory_and_leave_nothing_behind(tmp_path: Path) -> None:
    """Ten times the memory in shingles: 4 threads' worth of parts, and tables of some rows each."""
    words = np.random.default_rng(3).integers(0, 5000, (3000, 120))
    texts = [" ".join(f"w{word}" for word in row) for row in words]
    texts[1500:1600] = [text + " more" for text in texts[:100]]
    deduplicator = gd.Deduplicator(memory="256K", scratch=tmp_path, threads=2)
    for start in range(0, len(texts), 700):
        deduplicator.add(texts[start : start + 700])
    tables = list(deduplicator.outcomes())
    assert len(tables) > 10
    found = pl.concat(tables)
    assert found["kept"].to_list() == [n - 1500 if 1500 <= n < 1600 else n for n in range(3000)]
    assert (found["cluster_size"] == 2).sum() == 200
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(gd.ConfigError, match="finished"):
        deduplicator.outcomes()
