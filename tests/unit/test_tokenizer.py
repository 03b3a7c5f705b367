"""The tokenizer as a library: policies, types, bytes, streams, places, and the files of others."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

import gamayun_data as gd

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "low lower lowest, so low 12345 né 你好"
SPECIALS = ("<|endoftext|>", "<s>")


@pytest.fixture(scope="module")
def tokenizer() -> gd.Tokenizer:
    return gd.train_tokenizer([TEXT] * 4, vocab_size=280, special_tokens=SPECIALS)


def test_special_tokens_by_policy(tokenizer: gd.Tokenizer) -> None:
    text = "low<s>"
    assert tokenizer.encode(text).tolist()[-1] != 1
    assert tokenizer.encode(text, specials="allow").tolist()[-1] == 1
    assert tokenizer.encode(text, specials={"<s>"}).tolist()[-1] == 1
    other = tokenizer.encode(text, specials={"<|endoftext|>"})
    assert other.tolist() == tokenizer.encode(text).tolist()
    with pytest.raises(gd.InputError, match='text 1: special token "<s>" at byte 3'):
        tokenizer.encode_batch(["low", text], specials="refuse")
    with pytest.raises(gd.ConfigError, match="'<pad>' is no special token of this tokenizer"):
        tokenizer.encode(text, specials={"<pad>"})
    with pytest.raises(gd.ConfigError, match="'none' is not \"text\""):
        tokenizer.encode(text, specials="none")


def test_ends_are_added_when_asked_for(tokenizer: gd.Tokenizer) -> None:
    plain = tokenizer.encode("low").tolist()
    ids = tokenizer.encode("low", bos=True, eos=True)
    assert ids.tolist() == [1, *plain, 0]
    assert ids.dtype == np.uint32
    bare = gd.train_tokenizer([TEXT], vocab_size=260, special_tokens=[])
    with pytest.raises(gd.ConfigError, match="bos: no special token has a usual name"):
        bare.encode("low", bos=True)


def test_arrow_to_arrow(tokenizer: gd.Tokenizer) -> None:
    texts = pl.Series([TEXT, "", "low"])
    ids, offsets = tokenizer.encode_batch(texts)
    lists = [ids[a:b].tolist() for a, b in pairwise(offsets)]
    wide, narrow = tokenizer.encode_arrow(texts), tokenizer.encode_arrow(texts, dtype="uint16")
    assert wide.to_list() == narrow.to_list() == lists
    assert (wide.dtype, narrow.dtype) == (pl.List(pl.UInt32), pl.List(pl.UInt16))
    assert tokenizer.encode_batch(texts, dtype="uint16")[0].dtype == np.uint16


def test_ids_that_do_not_fit_are_refused(tokenizer: gd.Tokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "t.json")
    file = json.loads((tmp_path / "t.json").read_text("utf-8"))
    file["added_tokens"].append({**file["added_tokens"][0], "id": 65_536, "content": "<far>"})
    (tmp_path / "t.json").write_text(json.dumps(file), "utf-8")
    far = gd.Tokenizer.from_file(tmp_path / "t.json")
    with pytest.raises(gd.ConfigError, match="ids up to 65,535, the highest is 65,536"):
        far.encode_arrow(["low"], dtype="uint16")


def test_half_a_surrogate_pair_is_refused_by_number(tokenizer: gd.Tokenizer) -> None:
    for encode in (tokenizer.encode_batch, tokenizer.encode_arrow):
        with pytest.raises(gd.InputError, match=r"text 1: character 3 is half .* \(U\+D83D\)"):
            encode(["fine", "low\ud83d"])
    with pytest.raises(gd.InputError, match="text 0: character 0"):
        tokenizer.encode("\udc00")
    with pytest.raises(gd.InputError, match="text 2: character 1"):
        list(tokenizer.encode_stream(["a", "b", "c\ud83d"]))


def test_bytes_that_are_no_text(tokenizer: gd.Tokenizer) -> None:
    data = b"low\xff\xe4\xbd low"
    ids = tokenizer.encode(data)
    assert tokenizer.decode_bytes(ids) == data
    alone = [tokenizer.token_bytes(int(token)) for token in ids[1:4]]
    assert alone == [b"\xff", b"\xe4", b"\xbd"]
    assert tokenizer.encode(TEXT.encode()).tolist() == tokenizer.encode(TEXT).tolist()


def test_a_stream_is_the_whole(tokenizer: gd.Tokenizer) -> None:
    text = f"{TEXT}<s>" * 50
    for size in (1, 7, 100):
        pieces = (text[at : at + size] for at in range(0, len(text), size))
        parts = list(tokenizer.encode_stream(pieces, specials="allow"))
        whole = tokenizer.encode(text, specials="allow")
        assert np.concatenate(parts).tolist() == whole.tolist()
        assert sum(len(part) > 0 for part in parts) > 20


def test_places_in_bytes_and_characters(tokenizer: gd.Tokenizer) -> None:
    found = tokenizer.locate(TEXT, unit="bytes")
    data = TEXT.encode()
    spans = zip(found.ids, found.starts, found.ends, strict=True)
    assert all(tokenizer.token_bytes(int(i)) == data[int(a) : int(b)] for i, a, b in spans)
    characters = tokenizer.locate(TEXT)
    assert characters.ends[-1] == len(TEXT)
    assert found.ends[-1] == len(data)


def same(a: gd.Tokenizer, b: gd.Tokenizer) -> bool:
    return a.merges == b.merges and a.encode(TEXT).tolist() == b.encode(TEXT).tolist()


def test_files_of_others_come_back(tokenizer: gd.Tokenizer, tmp_path: Path) -> None:
    made = gd.export_tokenizer(tokenizer, tmp_path / "t.json")
    assert same(gd.load_tokenizer(made.files[0]), tokenizer)
    for kind, name in (("tiktoken", "t.tiktoken"), ("vocab-merges", "pair")):
        made = gd.export_tokenizer(tokenizer, tmp_path / name, format=kind)  # type: ignore[arg-type]
        assert made.split == "gamayun"
        assert made.special_tokens == {"<|endoftext|>": 0, "<s>": 1}
        with pytest.raises(gd.ConfigError, match="does not say how text is cut"):
            gd.load_tokenizer(tmp_path / name)
        back = gd.load_tokenizer(
            tmp_path / name, split="gamayun", special_tokens=made.special_tokens
        )
        assert same(back, tokenizer)
        assert back.special_tokens == tokenizer.special_tokens
    first = (tmp_path / "t.tiktoken").read_text().splitlines()[0]
    assert first == f"{base64.b64encode(b'!').decode()} 2"
    (tmp_path / "bad").write_text("what is this?")
    with pytest.raises(gd.FormatError, match="line 1"):
        gd.load_tokenizer(tmp_path / "bad", split="gamayun")
    with pytest.raises(gd.ConfigError, match="not one of json"):
        gd.export_tokenizer(tokenizer, tmp_path / "x", format="gguf")  # type: ignore[arg-type]


def test_a_diff_says_where_tokens_come_from(tokenizer: gd.Tokenizer, tmp_path: Path) -> None:
    new = gd.train_tokenizer(["slow slower so"] * 9, vocab_size=270, special_tokens=SPECIALS[:1])
    found = gd.diff_tokenizers(tokenizer, new)
    assert (found.old_tokens, found.new_tokens) == (tokenizer.vocab_size, new.vocab_size)
    for row in found.table.iter_rows(named=True):
        if row["special"]:
            assert (row["token"], row["old_id"]) == (b"<|endoftext|>", 0)
            continue
        assert tokenizer.decode_bytes(row["old_pieces"]) == row["token"]
        twin = row["old_id"]
        assert twin is None or tokenizer.token_bytes(twin) == row["token"]
    assert found.shared == found.table["old_id"].is_not_null().sum()
    assert 0 < found.same_id < found.shared < found.new_tokens
    found.save(tmp_path / "map.parquet")
    assert pl.read_parquet(tmp_path / "map.parquet").equals(found.table)
    found.save(tmp_path / "map.tsv")
    rows = (tmp_path / "map.tsv").read_text().splitlines()
    assert (len(rows), rows[0]) == (
        found.new_tokens + 1,
        "new_id\ttoken\tspecial\told_id\told_pieces",
    )


def test_an_extension_keeps_ids(tokenizer: gd.Tokenizer) -> None:
    counts = gd.PretokenCounts.of_texts(["мир миру мирно"] * 5)
    made = gd.extend_tokenizer(tokenizer, counts, 300)
    assert made.merges[: len(tokenizer.merges)] == tokenizer.merges
    assert len(made.encode("мир")) < len(tokenizer.encode("мир"))
    other = gd.PretokenCounts.of_texts(["a"], split="gpt2")
    with pytest.raises(gd.ConfigError, match="made with split gpt2"):
        gd.extend_tokenizer(tokenizer, other, 300)


def test_a_regex_of_ones_own() -> None:
    split = r"regex:\p{L}+|\p{N}"
    made = gd.train_tokenizer([TEXT] * 4, vocab_size=270, split=split)
    assert made.split == split
    assert made.decode(made.encode(TEXT)) == TEXT
    with pytest.raises(gd.ConfigError, match=r"split: regex \"\(\": "):
        gd.train_tokenizer([TEXT], split="regex:(")


def cases() -> list[Any]:
    return ["", "\x00", "a" * 10_000, " " * 5_000, "é" * 3_000]


@pytest.mark.parametrize("text", cases(), ids=range(len(cases())))
def test_streams_of_long_runs(tokenizer: gd.Tokenizer, text: str) -> None:
    pieces = [text[: len(text) // 2], text[len(text) // 2 :]]
    ids = np.concatenate(list(tokenizer.encode_stream(pieces)))
    assert ids.tolist() == tokenizer.encode(text).tolist()
