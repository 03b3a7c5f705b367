"""Nothing vanishes: the raw files and the tables of a run, counted by code that did not write them.

Only gzip, zstandard, json, pyarrow, numpy and Hugging Face tokenizers are used to count.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
import zstandard
from tokenizers import Tokenizer

import gamayun_data

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u2028\u2029]")


def content(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(raw)
    if path.suffix == ".zst":
        decoder = zstandard.ZstdDecompressor()
        return decoder.stream_reader(io.BytesIO(raw), read_across_frames=True).read()
    return raw


def good_text(line: bytes) -> str | None:
    """The text of a JSON line, or None where the line is no document."""
    try:
        record = json.loads(line.decode("utf-8"))
    except ValueError:
        return None
    text = record.get("text") if isinstance(record, dict) else None
    return text if isinstance(text, str) else None


def records(path: Path) -> list[str | None]:
    """The texts of all records of an input file, None for those that cannot be documents."""
    if path.suffix == ".parquet":
        return list(pq.read_table(path, columns=["text"])["text"].to_pylist())
    lines = [line for line in content(path).split(b"\n") if line.strip()]
    if ".txt" in path.name:
        return [line.decode("utf-8") for line in lines]
    return [good_text(line) for line in lines]


def inputs(sample: Path) -> list[Path]:
    return [path for path in sorted(sample.iterdir()) if path.suffix not in {".toml", ".md"}]


def table(run: Path, name: str, columns: list[str] | None = None) -> pa.Table:
    parts = sorted((run / name).glob("part-*.parquet"))
    assert parts
    return pa.concat_tables([pq.read_table(part, columns=columns) for part in parts])


def rejected(run: Path) -> list[dict[str, Any]]:
    with (run / "rejected.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_every_record_is_a_document_or_rejected(run: Path, sample: Path) -> None:
    documents = Counter(
        Path(name).name for name in table(run, "documents", ["input"])["input"].to_pylist()
    )
    refused = Counter(Path(line["file"]).name for line in rejected(run))
    for path in inputs(sample):
        texts = records(path)
        assert documents[path.name] == sum(text is not None for text in texts), path.name
        assert refused[path.name] == sum(text is None for text in texts), path.name
    assert set(documents) | set(refused) == {path.name for path in inputs(sample)}
    assert sum(refused.values()) > 0


def uncleaned(text: str, changes: list[dict[str, Any]]) -> str:
    """A text as it was before `cleaning/` changed it."""
    data, out, at = text.encode(), b"", 0
    for change in changes:
        out += data[at : change["start"]] + change["original"].encode()
        at = change["end"]
    return (out + data[at:]).decode()


def test_texts_arrive_normalised_and_otherwise_untouched(run: Path, sample: Path) -> None:
    expected: Counter[str] = Counter()
    for path in inputs(sample):
        for text in records(path):
            if text is not None and not CONTROL.search(text):
                expected[unicodedata.normalize("NFC", text)] += 1
    texts = table(run, "documents", ["text"])["text"].to_pylist()
    changes = table(run, "cleaning", ["changes"])["changes"].to_pylist()
    found = Counter(uncleaned(*row) for row in zip(texts, changes, strict=True))
    assert expected
    assert not expected - found


def test_tables_are_row_aligned(run: Path) -> None:
    rows = {
        name: {p.name: pq.read_metadata(p).num_rows for p in (run / name).glob("part-*.parquet")}
        for name in ("documents", "annotations", "decisions", "dedup")
    }
    assert len({tuple(sorted(counts.items())) for counts in rows.values()}) == 1
    annotated = table(run, "annotations", ["doc_id"])["doc_id"].to_pylist()
    final = table(run, "dedup", ["doc_id"])["doc_id"].to_pylist()
    repeated = {name for name, count in Counter(annotated).items() if count > 1}
    renamed = {a for a, b in zip(annotated, final, strict=True) if a != b}
    assert len(set(final)) == len(final)
    assert renamed == repeated != set()


def test_read_is_kept_and_dropped(finished: tuple[Path, Any]) -> None:
    run, result = finished
    decisions = table(run, "decisions", ["passed", "reason"]).to_pylist()
    dedup = table(run, "dedup", ["doc_id", "kept_id"]).to_pylist()
    kept: set[bytes] = set()
    dropped: Counter[str] = Counter()
    for decision, twin in zip(decisions, dedup, strict=True):
        if not decision["passed"]:
            dropped[decision["reason"]] += 1
        elif twin["kept_id"] is not None:
            dropped["duplicate"] += 1
        else:
            kept.add(twin["doc_id"])
    assert dropped["duplicate"] > 0
    assert None not in dropped
    assert kept == set(table(run, "selection", ["doc_id"])["doc_id"].to_pylist())
    assert (result.read, result.kept, result.dropped) == (
        len(decisions),
        len(kept),
        dropped.total(),
    )
    assert sum(result.rejected.values()) == len(rejected(run))


def test_the_rows_of_the_result_add_up(finished: tuple[Path, Any]) -> None:
    _, result = finished
    for row in result.languages:
        assert row.read == row.kept + sum(row.dropped.values()), row.language
    assert sum(row.read for row in result.languages) == result.read == result.kept + result.dropped
    assert sum(row.kept for row in result.languages) == result.kept


def test_a_removed_document_resembles_a_kept_one(run: Path) -> None:
    dedup = {row["doc_id"]: row for row in table(run, "dedup").to_pylist()}
    removed = [row for row in dedup.values() if row["kept_id"] is not None]
    for row in removed:
        assert row["similarity"] >= 0.8
        twin = dedup[row["kept_id"]]
        assert twin["kept_id"] is None
        assert twin["cluster"] == row["cluster"]
        assert twin["cluster_size"] == row["cluster_size"] > 1
    sizes = Counter(row["cluster"] for row in dedup.values())
    assert removed
    assert all(row["cluster_size"] == sizes[row["cluster"]] for row in removed)


def payloads(run: Path) -> dict[str, int]:
    """Bytes of payload by pool folder."""
    shards = run / "shards"
    sizes: Counter[str] = Counter()
    for path in shards.rglob("*.bin"):
        sizes[str(path.parent.relative_to(shards))] += path.stat().st_size
    return sizes


def test_shards_hold_the_selection_encoded(run: Path) -> None:
    tokenizer = Tokenizer.from_file(str(run / "tokenizer" / "tokenizer.json"))
    end = tokenizer.token_to_id("<|endoftext|>")
    assert end is not None
    rows = table(run, "selection", ["text", "language", "domain", "split"]).to_pylist()
    expected: Counter[tuple[int, ...]] = Counter()
    for encoding in tokenizer.encode_batch([row["text"] for row in rows], add_special_tokens=False):
        expected[(*encoding.ids, end)] += 1
    found: Counter[tuple[int, ...]] = Counter()
    for path in (run / "shards").rglob("*.bin"):
        tokens = np.fromfile(path, dtype="<u2")
        ends = np.flatnonzero(tokens == end) + 1
        assert ends[-1] == len(tokens)
        found.update(tuple(part) for part in (p.tolist() for p in np.split(tokens, ends)[:-1]))
    assert found == expected
    pools = {f"{row['language']}-{row['domain']}" for row in rows if row["split"] == "train"}
    assert pools == {pool for pool in payloads(run) if not pool.startswith("validation")}


def test_a_truncated_file_says_that_its_tail_is_unknown(tmp_path: Path, sample: Path) -> None:
    whole = (sample / "web-de.jsonl.zst").read_bytes()
    cut = tmp_path / "cut.jsonl.zst"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    result = gamayun_data.curate([str(cut)], output=tmp_path / "run", langs=["de"])
    assert any("cut.jsonl.zst" in tail for tail in result.unknown_tails)
    lines = rejected(tmp_path / "run")
    assert [line["reason"] for line in lines if line["tail_unknown"]] == ["truncated"]
    assert result.read <= len(records(sample / "web-de.jsonl.zst"))


def test_the_bytes_before_normalising_are_told(run: Path, sample: Path) -> None:
    texts = [text for path in inputs(sample) for text in records(path) if text is not None]
    told = json.loads((run / "provenance.json").read_text(encoding="utf-8"))["counts"]
    assert told["normalised"]["text_bytes_before"] == sum(len(text.encode()) for text in texts)
    found = table(run, "documents", ["text"])["text"].to_pylist()
    assert told["text_bytes"] == sum(len(text.encode()) for text in found)


def test_identities_are_the_hashes_that_they_are_said_to_be(run: Path) -> None:
    documents = table(run, "documents", ["source", "id", "text"]).to_pylist()
    annotated = table(run, "annotations", ["doc_id", "content_hash"]).to_pylist()
    for document, row in zip(documents, annotated, strict=True):
        kind, value = ("id", document["id"]) if document["id"] else ("text", document["text"])
        named = b"\0".join(part.encode() for part in (document["source"], kind, value))
        assert row["doc_id"] == xxhash.xxh3_128_digest(named)
        assert row["content_hash"] == xxhash.xxh3_128_digest(document["text"].encode())
