"""Ids, places and added tokens against Hugging Face tokenizers, on texts made to be hard."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

import gamayun_data as gd
from gamayun_data.config import SPLITS
from gamayun_data.recipe import DATA

GOLDEN = Path(__file__).parents[1] / "golden" / "bpe" / "text.json"
POOLS = (
    (8, range(0x20, 0x7F)),
    (2, range(0xA0, 0x250)),
    (2, range(0x400, 0x500)),
    (2, range(0x600, 0x700)),
    (2, range(0x900, 0x980)),
    (2, range(0x3040, 0x3100)),
    (2, range(0x4E00, 0x4F00)),
    (1, range(0xAC00, 0xAD00)),
    (1, range(0x1F300, 0x1F650)),
    (3, (0x09, 0x0A, 0x0D, 0x20, 0x85, 0xA0, 0x2028, 0x3000)),
    (3, (0x27, 0x17F, 0x301, 0x308, 0x200D, 0x2019, 0x212A, 0xFE0F, 0x202E, 0x378, 0x1F3FD)),
    (1, range(0x110000)),
)
WORDS = ("<|endoftext|>", "<s>", "<tool>", " <mask> ", "lone", "<end>\n", "né", "'s", "12345678")
CASES = 16_000


def texts() -> list[str]:
    golden: dict[str, str] = json.loads(GOLDEN.read_text("utf-8"))["texts"]
    return list(golden.values())


def random_text(rng: random.Random, corpus: list[str]) -> str:
    """Text of the corpus, mutated; or characters of several scripts; or a run; mixed."""
    kind = rng.randrange(4)
    if kind == 0:
        source = rng.choice(corpus)
        at = rng.randrange(len(source))
        letters = list(source[at : at + rng.randint(1, 200)])
        for _ in range(rng.randrange(6)):
            place = rng.randrange(len(letters) + 1)
            letters[place : place + rng.randrange(2)] = [character(rng)]
        return "".join(letters)
    if kind == 1:
        return "".join(character(rng) for _ in range(rng.randint(1, 60)))
    if kind == 2:
        return character(rng) * rng.randint(1, 300) + character(rng)
    parts = [rng.choice(WORDS) if rng.random() < 0.4 else character(rng) for _ in range(12)]
    return "".join(parts)


def character(rng: random.Random) -> str:
    [pool] = rng.choices([pool for _, pool in POOLS], [weight for weight, _ in POOLS])
    code = rng.choice(pool)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


@pytest.fixture(scope="module", params=SPLITS)
def split(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def pair(made: gd.Tokenizer, path: Path, **changes: object) -> tuple[gd.Tokenizer, Tokenizer]:
    """A tokenizer of ours and theirs from one file."""
    made.save(path)
    file = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(file | changes), "utf-8")
    return gd.Tokenizer.from_file(path), Tokenizer.from_file(str(path))


def test_ids_and_places_of_random_texts(split: str, tmp_path: Path) -> None:
    corpus = texts()
    made = gd.train_tokenizer(corpus, vocab_size=2_000, split=split)
    ours, theirs = pair(made, tmp_path / "t.json")
    rng = random.Random(split)
    cases = [random_text(rng, corpus) for _ in range(CASES // len(SPLITS))]
    for text in cases:
        theirs.encode_special_tokens = True
        expected = theirs.encode(text)
        assert ours.encode(text).tolist() == expected.ids, repr(text)
        found = ours.locate(text)
        assert list(zip(found.starts, found.ends, strict=True)) == expected.offsets, repr(text)
        theirs.encode_special_tokens = False
        assert ours.encode(text, specials="allow").tolist() == theirs.encode(text).ids, repr(text)


def added(number: int, content: str, **flags: bool) -> dict[str, object]:
    names = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return {"id": number, "content": content, **dict.fromkeys(names, False), **flags}


@pytest.mark.parametrize("normalizer", [None, {"type": "NFC"}])
def test_added_tokens_of_every_kind(normalizer: object, tmp_path: Path) -> None:
    corpus = texts()
    made = gd.train_tokenizer(corpus, vocab_size=2_000, split="qwen")
    tokens = [
        added(0, "<|endoftext|>", special=True),
        added(2000, "<s>", special=True, lstrip=True, rstrip=True),
        added(2001, "<tool>"),
        added(2002, "<mask>", special=True, lstrip=True),
        added(2003, "<end>", rstrip=True),
        added(2004, "né", normalized=True),
        added(2005, "lone", single_word=True),
        added(2006, "  "),
        added(2007, "<|", normalized=True),
        added(2008, "nene\u0301", single_word=True, normalized=True),
    ]
    ours, theirs = pair(made, tmp_path / "t.json", added_tokens=tokens, normalizer=normalizer)
    rng = random.Random(7)
    words = (*WORDS, "ne\u0301", "nené", "_lone", " ", "\u3000", "<|", "a", "  ", "\n")
    for _ in range(CASES):
        text = "".join(rng.choice(words) for _ in range(rng.randint(1, 12)))
        for specials in ("allow", "text"):
            theirs.encode_special_tokens = specials == "text"
            expected = theirs.encode(text).ids
            assert ours.encode(text, specials=specials).tolist() == expected, repr(text)


CONTRACTIONS = "'(?i:[sdmt]|ll|ve|re)"
LATER = r"| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
PUBLISHED = (
    ("gpt2", r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"),
    ("cl100k", CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}" + LATER),
    ("qwen", CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}" + LATER),
)


@pytest.mark.parametrize(("split", "regex"), PUBLISHED, ids=[name for name, _ in PUBLISHED])
def test_other_spellings_run_as_scanners(split: str, regex: str, tmp_path: Path) -> None:
    corpus = texts()
    made = gd.train_tokenizer(corpus, vocab_size=1_000, split=split)
    isolated = {"pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}
    level = {"add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    steps = [{"type": "Split", **isolated}, {"type": "ByteLevel", **level}]
    sequence = {"type": "Sequence", "pretokenizers": steps}
    ours, theirs = pair(made, tmp_path / "t.json", pre_tokenizer=sequence)
    assert ours.split == split
    rng = random.Random(11)
    theirs.encode_special_tokens = True
    for _ in range(CASES // 4):
        text = random_text(rng, corpus)
        assert ours.encode(text).tolist() == theirs.encode(text).ids, repr(text)


def test_a_regex_of_ones_own(tmp_path: Path) -> None:
    corpus = texts()
    rng = random.Random(9)
    for regex in (r"\p{L}+", r"(?=(\d{3})+(?!\d))", r"^.|.$", r"\d{1,3}(?=(?:\d{3})*$)|\s+\S"):
        made = gd.train_tokenizer(corpus, vocab_size=1_000, split=f"regex:{regex}")
        ours, theirs = pair(made, tmp_path / "t.json")
        for _ in range(CASES // 10):
            text = random_text(rng, corpus)
            theirs.encode_special_tokens = True
            assert ours.encode(text).tolist() == theirs.encode(text).ids, (regex, text)


def test_an_extension_opens_there_too(tmp_path: Path) -> None:
    corpus = texts()
    made = gd.train_tokenizer(corpus[:4], vocab_size=1_000, split="cl100k")
    tokens = [added(0, "<|endoftext|>", special=True), added(1000, "<s>", special=True)]
    old, _ = pair(made, tmp_path / "t.json", added_tokens=tokens)
    counts = gd.PretokenCounts.of_texts(corpus[4:], split="cl100k")
    ours, theirs = pair(gd.extend_tokenizer(old, counts, 2_000), tmp_path / "t.json")
    assert theirs.token_to_id("<s>") == 1000
    for text in [*corpus, "a<s>b<|endoftext|>"]:
        expected = theirs.encode(text).ids
        assert ours.encode(text, specials="allow").tolist() == expected


def test_the_sample_in_pieces() -> None:
    tokenizer = gd.train_tokenizer(texts(), vocab_size=2_000)
    text = (DATA / "sample" / "SOURCES.md").read_text("utf-8") + "".join(texts())
    rng = random.Random(3)
    for _ in range(5):
        cuts = sorted(rng.randrange(len(text)) for _ in range(100))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        ids = np.concatenate(list(tokenizer.encode_stream(pieces)))
        assert ids.tolist() == tokenizer.encode(text).tolist()
