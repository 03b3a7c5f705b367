"""Tokenizers measured on a run, on files and on parallel text, against independent recounts."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

import gamayun_data as gd
from gamayun_data.evaluated import Evaluation, EvaluationRow, TokenAudit

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from tests.integration.conftest import CommandLine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def held_out(run: Path) -> pl.DataFrame:
    selection = pl.read_parquet(sorted((run / "selection").glob("*.parquet")))
    return selection.filter(pl.col("split") == "validation")


@pytest.fixture(scope="module")
def evaluated(run: Path) -> Evaluation:
    return gd.evaluate_tokenizer(run, threads=2)


def renyi(counts: Counter[int], alpha: float = 2.5) -> float:
    total = counts.total()
    return math.log(sum((n / total) ** alpha for n in counts.values())) / (1 - alpha)


def test_sums_are_those_of_the_documents(
    run: Path, held_out: pl.DataFrame, evaluated: Evaluation
) -> None:
    tokenizer = gd.Tokenizer.from_file(run / "tokenizer" / "tokenizer.json")
    (measured,) = evaluated.tokenizers
    assert [row.language for row in measured.rows] == sorted(set(held_out["language"]))
    everything: Counter[int] = Counter()
    for row in measured.rows:
        mine = held_out.filter(pl.col("language") == row.language)
        texts = mine["text"].to_list()
        counts = Counter(tokenizer.encode_batch(texts)[0].tolist())
        everything += counts
        assert row.documents == len(texts)
        assert row.bytes == sum(len(text.encode()) for text in texts)
        assert row.characters == sum(map(len, texts))
        assert row.words == mine["words"].sum()
        assert row.tokens == counts.total()
        assert row.used == len(counts)
        assert row.renyi == pytest.approx(renyi(counts))
        assert 0 < row.whole_words < row.words
        assert 0 < row.listed_whole <= row.listed <= 1000
    assert measured.used == len(everything)
    assert measured.renyi == pytest.approx(renyi(everything))
    assert measured.tokens == tokenizer.vocab_size - len(tokenizer.special_tokens)


def test_a_space_cuts_english_words_where_tokens_do(tmp_path: Path) -> None:
    """Words without punctuation are those between spaces, so cuts can be counted by hand."""
    texts = ["the lower tide was slower than the newest one"] * 3 + ["unbelievable tides lower"]
    tokenizer = gd.train_tokenizer(texts, vocab_size=300)
    tokenizer.save(tmp_path / "t.json")
    records = [json.dumps({"text": text, "lang": "en"}) for text in texts]
    (tmp_path / "t.jsonl").write_text("\n".join(records))
    found = gd.evaluate_tokenizer(texts=[tmp_path / "t.jsonl"], tokenizer=tmp_path / "t.json")
    (row,) = found.tokenizers[0].rows
    whole, words = 0, Counter[str]()
    for text in texts:
        tokens = [tokenizer.token_bytes(int(n)) or b"" for n in tokenizer.encode(text)]
        starts = set(np.cumsum([0, *map(len, tokens)]).tolist())
        at = 0
        for word in text.split(" "):
            whole += not any(at < start < at + len(word) for start in starts)
            words[word] += 1
            at += len(word) + 1
    single = sum(
        min(len(tokenizer.encode(word)), len(tokenizer.encode(f" {word}"))) == 1 for word in words
    )
    assert (row.words, row.whole_words) == (words.total(), whole)
    assert (row.listed, row.listed_whole) == (len(words), single)
    assert row.continued == pytest.approx(1 - whole / words.total())


def test_threads_and_order_change_nothing(run: Path, evaluated: Evaluation) -> None:
    again = gd.evaluate_tokenizer(run, threads=1)
    assert again.tokenizers == evaluated.tokenizers


def test_files_are_measured_as_a_run_is(
    tmp_path: Path, run: Path, held_out: pl.DataFrame, evaluated: Evaluation
) -> None:
    """Whatever the order of records and their distribution over files."""
    rows = held_out.select("id", "source", "language", "text").sample(
        fraction=1, shuffle=True, seed=5
    )
    rows[: len(rows) // 3].write_ndjson(tmp_path / "a.jsonl")
    rows[len(rows) // 3 :].write_parquet(tmp_path / "b.parquet")
    found = gd.evaluate_tokenizer(run, texts=[tmp_path], threads=2)
    assert found.tokenizers[0].rows == evaluated.tokenizers[0].rows


def test_tokenizers_stand_side_by_side(tmp_path: Path, run: Path, evaluated: Evaluation) -> None:
    other = tmp_path / "tokenizer" / "tokenizer.json"
    gd.train_tokenizer(["low lower lowest"] * 4, vocab_size=262).save(other)
    found = gd.evaluate_tokenizer(run, compare=[other])
    ours, theirs = found.tokenizers
    assert ours.rows == evaluated.tokenizers[0].rows
    assert ours.name != theirs.name
    for mine, row in zip(ours.rows, theirs.rows, strict=True):
        assert (mine.bytes, mine.words) == (row.bytes, row.words)
        assert row.tokens > mine.tokens


def test_other_formats_are_measured_alike(tmp_path: Path, run: Path, evaluated: Evaluation) -> None:
    tokenizer = gd.Tokenizer.from_file(run / "tokenizer" / "tokenizer.json")
    gd.export_tokenizer(tokenizer, tmp_path / "t.tiktoken", format="tiktoken")
    found = gd.evaluate_tokenizer(run, tokenizer=tmp_path / "t.tiktoken", split="gamayun")
    assert found.tokenizers[0].rows == evaluated.tokenizers[0].rows
    with pytest.raises(gd.ConfigError, match="expected a split"):
        gd.evaluate_tokenizer(run, tokenizer=tmp_path / "t.tiktoken")


def test_premiums_are_over_the_same_lines(tmp_path: Path) -> None:
    english = [("en", "1", "good day"), ("en", "2", "yes")]
    lines = [*english, ("de", "1", "guten Tag"), ("de", "2", "ja")]
    alone = ("en", "3", "a line that German lacks")
    path = tmp_path / "lines.tsv"
    table = ["language\tline\ttext", *("\t".join(line) for line in [*lines, alone])]
    path.write_text("\n".join(table))
    tokenizer = gd.train_tokenizer(["good day good day"], vocab_size=270)
    tokenizer.save(tmp_path / "t.json")
    found = gd.evaluate_tokenizer(tokenizer=tmp_path / "t.json", parallel_text=[path])
    (one,) = found.tokenizers
    tokens = Counter[str]()
    for language, _, text in lines:
        tokens[language] += len(tokenizer.encode(text))
    assert found.parallel_lines == 2
    assert {row.language: row.tokens for row in one.parallel} == dict(tokens)
    assert one.premiums == {"de": tokens["de"] / tokens["en"], "en": 1.0}
    assert one.parallel_max_min == tokens["de"] / tokens["en"]
    assert one.rows == ()


def test_a_record_without_a_language_is_named(tmp_path: Path, run: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"text": "one", "lang": "en"}\n{"text": "two"}\n')
    with pytest.raises(gd.InputError, match=r"t\.jsonl: record 2: language is missing") as error:
        gd.evaluate_tokenizer(run, texts=[path])
    assert error.value.record == 2
    found = gd.evaluate_tokenizer(run, texts=[f"de={path}"])
    assert [(row.language, row.documents) for row in found.tokenizers[0].rows] == [("de", 2)]


def test_what_cannot_be_measured_is_refused(tmp_path: Path, run: Path) -> None:
    with pytest.raises(gd.ConfigError, match="name one"):
        gd.evaluate_tokenizer(texts=[tmp_path])
    (tmp_path / "t.json").write_text("{}")
    with pytest.raises(gd.ConfigError, match=r"t\.json: cannot be used"):
        gd.evaluate_tokenizer(run, compare=[tmp_path / "t.json"])


# --- audit ------------------------------------------------------------------------------------


def read_by_numpy(run: Path) -> dict[str, NDArray[np.int64]]:
    """How often each stage reads each id: every token of every epoch on its own."""
    size = gd.Tokenizer.from_file(run / "shards" / "tokenizer.json").vocab_size
    width = "<u2" if size <= 65_536 else "<u4"
    stages = {}
    for path in sorted((run / "manifests").glob("*.json")):
        manifest = json.loads(path.read_text())
        counts = np.zeros(size, np.int64)
        for pool in manifest["pools"]:
            files = [np.fromfile(run / shard["bin"], width) for shard in pool["shards"]]
            tokens = np.concatenate(files)
            places = np.arange(pool["start_token"], pool["end_token"]) % len(tokens)
            counts += np.bincount(tokens[places], minlength=size)
        stages[manifest["stage"]["name"]] = counts
    return stages


def compare(run: Path, found: TokenAudit) -> None:
    stages = read_by_numpy(run)
    table = pl.read_parquet(found.table)
    assert {stage.stage for stage in found.stages} == set(stages)
    for stage in found.stages:
        counts = stages[stage.stage]
        assert stage.tokens == counts.sum()
        assert table[f"stage.{stage.stage}"].to_list() == counts[table["id"].to_numpy()].tolist()
        special = table.filter("special")["id"].to_numpy()
        text = table.filter(~pl.col("special"))["id"].to_numpy()
        assert stage.special_tokens == counts[special].sum()
        assert stage.never == (counts[text] == 0).sum()
        assert stage.rare == ((counts[text] > 0) & (counts[text] < found.rare_below)).sum()
        ordered = np.sort(counts[text])[::-1]
        assert all(ordered[rank - 1] == count for rank, count in stage.ranked)
    total = np.sum([*stages.values()], axis=0)
    ids = table.filter(~pl.col("special"))["id"].to_list()
    assert {one.id for one in found.never} == {n for n in ids if total[n] == 0}
    rare = {n for n in ids if 0 < total[n] < found.rare_below}
    assert {one.id for one in found.rare} == rare
    assert sum(one.tokens for one in found.languages) == total.sum()
    assert found.ok == all(one.note for one in found.never)
    noted = {one.text for one in found.never if one.note}
    assert {"\\xc0", "\\xf5", "\\xff"} <= noted  # bytes that UTF-8 does not have


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory, run: Path) -> tuple[Path, TokenAudit]:
    copy = tmp_path_factory.mktemp("audit") / "run"
    shutil.copytree(run, copy)
    return copy, gd.audit_tokenizer(copy, rare=50, threads=2)


def test_stages_read_what_numpy_counts(audited: tuple[Path, TokenAudit]) -> None:
    compare(*audited)


def test_threads_change_nothing_of_an_audit(audited: tuple[Path, TokenAudit]) -> None:
    run, found = audited
    table = (run / "tokenizer" / "audit.parquet").read_bytes()
    again = gd.audit_tokenizer(run, rare=50, threads=1)
    assert again.stages == found.stages
    assert again.concentrated == found.concentrated
    assert (run / "tokenizer" / "audit.parquet").read_bytes() == table


def change(run: Path, pools: Any) -> None:  # noqa: ANN401
    for path in (run / "manifests").glob("*.json"):
        manifest = json.loads(path.read_text())
        for place, pool in enumerate(manifest["pools"]):
            pools(place, pool)
        path.write_text(json.dumps(manifest))


def test_epochs_that_begin_and_end_inside_documents(tmp_path: Path, run: Path) -> None:
    """Two and a half epochs, nothing at all, a few tokens, from somewhere on."""
    copy = tmp_path / "run"
    shutil.copytree(run, copy)

    def pools(place: int, pool: dict[str, Any]) -> None:
        tokens = pool["available"]["tokens"]
        start, end = [(7, tokens * 5 // 2 + 3), (5, 5), (tokens - 3, tokens + 4), (0, tokens)][
            place % 4
        ]
        pool["start_token"], pool["end_token"] = start, end

    change(copy, pools)
    compare(copy, gd.audit_tokenizer(copy, threads=2))


def test_places_are_those_of_the_shards(audited: tuple[Path, TokenAudit]) -> None:
    """Documents, source and document with most of some tokens, looked up one by one."""
    run, found = audited
    table = pl.read_parquet(found.table).filter(pl.col("documents") > 0).sample(12, seed=3)
    shards = [
        shard
        for pool in gd.open_run(run).pools
        if not pool.startswith("validation/")
        for shard in gd.open_run(run).shards(pool)
    ]
    for row in table.iter_rows(named=True):
        sources, documents = Counter[str](), Counter[str]()
        for shard in shards:
            for place, tokens in enumerate(shard.documents()):
                if count := int((tokens == row["id"]).sum()):
                    sources[shard.source_names[shard.sources[place]]] += count
                    documents[shard.id(place)] += count
        assert row["documents"] == len(documents)
        assert row["source_share"] == max(sources.values()) / sources.total()
        assert sources[row["source"]] == max(sources.values())
        assert documents[row["document"]] == max(documents.values())


def test_damaged_shards_are_refused(tmp_path: Path, run: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    payload = next((copy / "shards").glob("en-*/*.bin"))
    payload.write_bytes(payload.read_bytes()[:-2])
    with pytest.raises(gd.GamayunError, match=payload.name[:5]):
        gd.audit_tokenizer(copy)
    shutil.rmtree(copy / "manifests")
    with pytest.raises(gd.ConfigError, match="has no manifests"):
        gd.audit_tokenizer(copy)


def test_the_commands_write_pages(
    command: CommandLine, audited: tuple[Path, TokenAudit], tmp_path: Path
) -> None:
    run, found = audited
    done = command("tokenizer", "audit", run, "--strict", "--page", tmp_path / "a.html")
    assert found.never
    assert done.code == 1
    assert "are never read" in done.out
    done = command("tokenizer", "eval", run, "--page", tmp_path / "e.html", "--json")
    assert done.code == 0
    rows = json.loads(done.out)["tokenizers"][0]["rows"]
    assert rows[0]["bytes_per_token"] == rows[0]["bytes"] / rows[0]["tokens"]
    for name in ("a.html", "e.html"):
        text = (tmp_path / name).read_text("utf-8")
        assert text.count("<svg") == text.count("</svg>") > 0


def test_rows_of_nothing_have_no_ratios() -> None:
    row = EvaluationRow("en", 0, 0, 0, 0, 0)
    assert all(math.isnan(one) for one in (row.fertility, row.continued, row.single))


def test_what_hugging_face_encodes_to_one_token_is_in_reach(run: Path) -> None:
    """Their encoder on the text of each token; and each token that is out of reach to ours."""
    tokenizers = pytest.importorskip("tokenizers")
    path = run / "tokenizer" / "tokenizer.json"
    theirs = tokenizers.Tokenizer.from_file(str(path))
    ours = gd.Tokenizer.from_file(path)
    found = gd.evaluate_tokenizer(run).tokenizers[0].vocabulary
    assert found is not None
    out = {one.id: one.note for one in found.unreachable}
    assert set(out.values()) <= {"bytes", "context"}
    texts = {}
    for number in range(ours.vocab_size):
        raw = ours.token_bytes(number) or b""
        try:
            texts[number] = raw.decode()
        except UnicodeDecodeError:
            continue
    special = set(ours.special_tokens.values())
    encoded = theirs.encode_batch_fast([*texts.values()], add_special_tokens=False)
    alone = {n for n, one in zip(texts, encoded, strict=True) if one.ids == [n]} - special
    assert len(alone) > 0.9 * len(texts)
    assert not alone & set(out)
    partial = {one.id for one in found.partial}
    assert partial == {
        n for n in range(ours.vocab_size) if n not in texts and len(ours.token_bytes(n) or b"") > 1
    }
