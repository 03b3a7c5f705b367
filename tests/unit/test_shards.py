"""The reader of shards, on shards made here from docs/format.md alone."""

from __future__ import annotations

import json
import struct
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.shard_writer import BLOCK_TOKENS, Document, Pool, document

from gamayun_data.errors import FormatError
from gamayun_data.shards import Shard, open_run, open_shard

GOLDEN = Path(__file__).parents[1] / "golden" / "shards.toml"
CASES = tomllib.loads(GOLDEN.read_text(encoding="utf-8"))["case"]


def pool_of(case: dict[str, Any]) -> Pool:
    names = ("vocab_size", "eos", "max_shard_bytes", "languages", "sources", "tokenizer_sha256")
    documents = [Document(**d) for d in case["document"]]
    return Pool(documents, **{name: case[name] for name in names})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    Pool([document(n, n) for n in range(40)], max_shard_bytes=300).write(
        tmp_path / "shards" / "en-web"
    )
    Pool([document(n, 5) for n in range(40, 45)]).write(
        tmp_path / "shards" / "validation" / "en-web"
    )
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "first.json").write_text('{"version": 1}')
    return tmp_path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_golden_shards_are_what_the_format_says(case: dict[str, Any]) -> None:
    wanted = [(bytes.fromhex(s["bin"]), bytes.fromhex(s["gdx"])) for s in case["shard"]]
    assert pool_of(case).shards() == wanted


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_golden_shards_are_read(case: dict[str, Any], tmp_path: Path) -> None:
    pool = pool_of(case)
    pool.write(tmp_path / "pool")
    documents = iter(sorted(pool.documents, key=lambda d: (d.key, d.id)))
    for path in sorted((tmp_path / "pool").glob("*.gdx")):
        shard = open_shard(path)
        assert shard.faults() == []
        assert shard.language_names == tuple(pool.languages)
        assert shard.source_names == tuple(pool.sources)
        assert (shard.vocab_size, shard.eos) == (pool.vocab_size, pool.eos)
        assert shard.tokenizer_sha256 == pool.tokenizer_sha256
        for i in range(len(shard)):
            wanted = next(documents)
            assert shard.document(i).tolist() == wanted.tokens
            assert shard.id(i) == wanted.id
            assert (shard.languages[i], shard.sources[i]) == (wanted.language, wanted.source)
            assert shard.text_bytes[i] == wanted.bytes
    assert next(documents, None) is None


def test_views_are_not_copies(run: Path) -> None:
    shard = open_run(run).shards("en-web")[0]
    for array in (shard.tokens, shard.ends, shard.ids, shard.languages, shard.document(1)):
        assert not array.flags.owndata
        assert not array.flags.writeable
    assert np.shares_memory(shard.document(1), shard.tokens)


def test_the_payload_is_plain_ids(run: Path) -> None:
    shard = open_run(run).shards("en-web")[1]
    plain = np.memmap(shard.path.with_suffix(".bin"), "<u2", mode="r")
    assert np.array_equal(plain, shard.tokens)


def test_a_run_has_pools_shards_and_manifests(run: Path) -> None:
    opened = open_run(run)
    assert opened.pools == ("en-web", "validation/en-web")
    shards = opened.shards("en-web")
    assert len(shards) > 3
    assert sum(len(shard) for shard in shards) == 40
    assert opened.manifests == {"first": {"version": 1}}
    with pytest.raises(KeyError, match="no pool 'ru-web'; it has en-web, validation/en-web"):
        opened.shards("ru-web")


def test_documents_are_found_by_id(run: Path) -> None:
    opened = open_run(run)
    for n in (0, 7, 39):
        assert opened.document(f"{n + 1:032x}").tolist() == document(n, n).tokens
    assert opened.locate(f"{42:032x}")[0] == "validation/en-web"
    with pytest.raises(KeyError, match="no shard has document"):
        opened.document("ff" * 16)
    with pytest.raises(ValueError, match="not a document id"):
        opened.document("ff")


def test_documents_count_from_both_ends(run: Path) -> None:
    shard = open_run(run).shards("en-web")[0]
    assert shard.document(-1).tolist() == shard.document(len(shard) - 1).tolist()
    assert next(d.tolist() for d in shard.documents()) == shard.document(0).tolist()
    assert shard.document(0)[-1] == shard.eos
    with pytest.raises(IndexError):
        shard.document(len(shard))


def test_a_run_without_shards_has_no_pools(tmp_path: Path) -> None:
    assert open_run(tmp_path).pools == ()
    with pytest.raises(FileNotFoundError):
        open_run(tmp_path / "elsewhere")


def test_big_documents_and_ids(tmp_path: Path) -> None:
    last = (1 << 31) - 1
    documents = [document(0, 70_000), document(1, 0), Document("0f" * 16, 5, [last, last - 1, 0])]
    long = Document("0e" * 16, 6, [*([7] * BLOCK_TOKENS), 0])
    Pool([*documents, long], vocab_size=1 << 31).write(tmp_path / "pool")
    shard = open_shard(tmp_path / "pool" / "00000.gdx")
    assert shard.tokens.dtype == np.uint32
    assert shard.max_id == last
    assert shard.faults() == []
    place = shard.find("0f" * 16)
    assert place is not None
    assert shard.document(place).tolist() == [last, last - 1, 0]


def broken(folder: Path, place: int, data: bytes, name: str = "00000.gdx") -> Path:
    """A shard with some bytes of a file replaced."""
    Pool([document(n, 5) for n in range(9)]).write(folder / "pool")
    path = folder / "pool" / name
    content = bytearray(path.read_bytes())
    content[place : place + len(data)] = data
    path.write_bytes(content)
    return folder / "pool" / "00000.gdx"


@pytest.mark.parametrize(
    ("place", "data", "message"),
    [
        (0, b"X", r"byte 0: found b'XSHARD"),
        (8, b"\2", "byte 8: found format version 2, expected 1"),
        (12, b"\0", "byte 12: found a header of"),
        (96, b"\1", "00000.bin: byte 108: found 108 bytes, expected 1 tokens of 2 bytes"),
        (104, b"\1", "9 items in section 1, expected 1 documents"),
        (120, b"\1", "bytes, expected"),
        (140, b"\3", "byte 140: found tokens of 3 bytes, expected 2 or 4"),
        (160, b"\x63", "found no section 1"),
        (168, b"\1", "expected one in its place"),
    ],
)
def test_a_broken_index_is_refused(tmp_path: Path, place: int, data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        open_shard(broken(tmp_path, place, data))


def test_only_a_line_feed_ends_a_name(tmp_path: Path) -> None:
    names = ["a\u2028b\r", "c"]
    Pool([document(1, 1)], languages=names).write(tmp_path / "pool")
    assert open_shard(tmp_path / "pool" / "00000").language_names == tuple(names)


def test_truncated_files_are_refused(tmp_path: Path) -> None:
    path = broken(tmp_path, 0, b"")
    whole = path.read_bytes()
    for length in (0, 100, 300, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError):
            open_shard(path)


def faults(shard: Shard) -> list[tuple[str, int, str]]:
    return [(fault.path.name, fault.offset, fault.what) for fault in shard.faults()]


def test_faults_of_tokens_are_placed(tmp_path: Path) -> None:
    inside = broken(tmp_path / "a", 14, b"\0\0", "00000.bin")
    assert faults(open_shard(inside)) == [("00000.bin", 14, "EOS is not where the documents end")]
    missing = broken(tmp_path / "b", 22, b"\5\0", "00000.bin")
    assert faults(open_shard(missing)) == [("00000.bin", 22, "EOS is not where the documents end")]
    outside = broken(tmp_path / "c", 14, b"\xff\xff", "00000.bin")
    assert faults(open_shard(outside)) == [("00000.bin", 14, "an id is not below 300")]


def test_faults_of_the_index_are_told(tmp_path: Path) -> None:
    meta = struct.unpack_from("<Q", broken(tmp_path / "a", 0, b"").read_bytes(), 200 + 8)[0]
    unnamed = open_shard(broken(tmp_path / "b", meta + 2, b"\x09"))
    assert [what for _, _, what in faults(unnamed)] == ["DOC_META has a language without a name"]
    assert faults(open_shard(broken(tmp_path / "c", 136, b"\x07")))[0][1] == 136


def test_shards_are_plain_to_json(run: Path) -> None:
    shard = open_run(run).shards("en-web")[0]
    assert json.dumps([shard.vocab_size, shard.eos, shard.max_id, shard.id(0), len(shard)])
    assert repr(shard).endswith(f"documents={len(shard)}, tokens={len(shard.tokens)})")
