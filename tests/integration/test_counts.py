"""Counts in files: made once within a memory limit, added up, and trained from without text."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gamayun_data as gd

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

LETTERS = "etaoinshrdlcumwfgypbvkäöüßéèабвгдежзиклмнопрстуф"


def documents(count: int, words: int, seed: int = 0) -> list[dict[str, str]]:
    """Many different words, so that the table of them is large."""
    drawn = random.Random(seed)

    def word() -> str:
        return "".join(drawn.choices(LETTERS, k=drawn.randint(3, 9)))

    names = ["de", "en", "ru"]
    return [
        {"id": str(n), "lang": names[n % 3], "text": " ".join(word() for _ in range(words))}
        for n in range(count)
    ]


def write(path: Path, records: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("counts") / "all.jsonl", documents(600, 400))


def test_the_same_file_whatever_memory_threads_and_order(corpus: Path, tmp_path: Path) -> None:
    lines = corpus.read_text(encoding="utf-8").splitlines(keepends=True)
    halves = [tmp_path / "b.jsonl", tmp_path / "a.jsonl"]
    halves[0].write_text("".join(lines[:200]), encoding="utf-8")
    halves[1].write_text("".join(reversed(lines[200:])), encoding="utf-8")
    ways: dict[str, tuple[list[Path], int, int | None]] = {
        "one": ([corpus], 1, None),
        "two": ([corpus], 3, None),
        "small": ([corpus], 2, 4 << 20),
        "halves": (list(halves), 2, 8 << 20),
    }
    made = {}
    for name, (sources, threads, memory) in ways.items():
        target = tmp_path / name
        gd.count_pretokens(sources, target, language_column="lang", threads=threads, memory=memory)
        made[name] = target.read_bytes()
        assert [path.name for path in tmp_path.glob(f"{name}.*")] == []
    assert len(set(made.values())) == 1


def test_counts_of_machines_add_up(corpus: Path, tmp_path: Path) -> None:
    lines = corpus.read_text(encoding="utf-8").splitlines(keepends=True)
    parts = []
    for n in range(3):
        part = tmp_path / f"{n}.jsonl"
        part.write_text("".join(lines[n::3]), encoding="utf-8")
        parts.append(tmp_path / f"{n}.counts")
        gd.count_pretokens(part, parts[-1], language_column="lang", threads=1)
    gd.count_pretokens(corpus, tmp_path / "whole", language_column="lang", threads=1)
    merged = gd.merge_counts(parts, tmp_path / "merged")
    assert (tmp_path / "merged").read_bytes() == (tmp_path / "whole").read_bytes()
    assert sum(row.documents for row in merged.languages) == 600
    texts: dict[str, list[str]] = {}
    for line in lines:
        record = json.loads(line)
        texts.setdefault(record["lang"], []).append(record["text"])
    assert {row.language: row.documents for row in merged.languages} == {
        name: len(own) for name, own in texts.items()
    }
    direct = gd.train_tokenizer(texts, vocab_size=900, weights={"ru": 0.5}, threads=1)
    [counted] = gd.train_on_counts(
        tmp_path / "merged", [900], weights={"ru": 0.5}, threads=2
    ).tokenizers
    assert counted.core.to_json() == direct.core.to_json()


def test_rare_pretokens_are_left_out_when_asked(corpus: Path, tmp_path: Path) -> None:
    target = tmp_path / "counts"
    held = gd.count_pretokens(corpus, target, language_column="lang", threads=1)
    with pytest.raises(gd.ConfigError, match=r"pretokens needs \d+ MiB .* leave out rare"):
        gd.train_on_counts(target, [500], memory=40 << 20)
    made = gd.train_on_counts(target, [500], memory=40 << 20, min_pretoken_count=2)
    assert made.left_out > 0
    assert made.pretokens + made.left_out == held.pretokens
    assert made.occurrences_left_out == made.left_out
    assert made.tokenizers[0].vocab_size == 500


def test_reserved_tokens_and_the_width_of_ids(corpus: Path, tmp_path: Path) -> None:
    target = tmp_path / "counts"
    gd.count_pretokens(corpus, target, language="xx", threads=1)
    [made] = gd.train_on_counts(target, [400], reserved=3).tokenizers
    assert made.special_tokens == {
        "<|endoftext|>": 0,
        "<|reserved_0|>": 1,
        "<|reserved_1|>": 2,
        "<|reserved_2|>": 3,
    }
    large = gd.train_on_counts(target, [65_510], min_frequency=1)
    assert [size.vocab_size for size in large.tokenizers] == [65_510]
    assert "some tools take 32 bits" in large.notes[0]
    with pytest.raises(gd.ConfigError, match="from 1 to 1,000,000"):
        gd.train_on_counts(target, [1_000_001])


def test_bad_records_are_counted_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "a b", "lang": "en"}\nnot json\n{"text": "c"}\n', encoding="utf-8")
    held = gd.count_pretokens(path, tmp_path / "counts", language_column="lang")
    assert dict(held.rejected) == {"invalid_json": 1, "missing_language": 1}
    assert [row.documents for row in held.languages] == [1]
    assert held.first_rejected is not None
    assert "bad.jsonl: record 2" in held.first_rejected
    with pytest.raises(gd.InputError, match=r"bad\.jsonl: record 2"):
        gd.count_pretokens(path, tmp_path / "none", language="en", on_bad_record="fail")
    assert not (tmp_path / "none").exists()


def test_the_command_line(command: CommandLine, corpus: Path, tmp_path: Path) -> None:
    target, made = tmp_path / "counts", tmp_path / "tokenizer.json"
    answer = command("tokenizer", "count", corpus, "--language-column", "lang", "-o", target)
    assert answer.code == 0, answer.err
    assert "different" in answer.out
    shown = command("tokenizer", "show-counts", target, "--json")
    held = json.loads(shown.out)
    assert [row["language"] for row in held["languages"]] == ["de", "en", "ru"]
    both = command("tokenizer", "merge-counts", target, target, "-o", tmp_path / "twice", "--json")
    assert json.loads(both.out)["languages"][0]["documents"] == 400
    options = ("--vocab-size", "700", "--weights", "ru=2", "--reserved", "1", "--json")
    answer = command("tokenizer", "train", "--counts", target, "-o", made, *options)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["vocab_size"] == 700
    assert gd.Tokenizer.from_file(made).vocab_size == 700
    for wrong in ((), ("--counts", target), ("--output", made, tmp_path)):
        assert command("tokenizer", "train", *wrong).code == 2


CHILD = """
import sys
import gamayun_data as gd
from pathlib import Path

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024

source, target, memory = *sys.argv[1:3], int(sys.argv[3])
gd.train_tokenizer(["a few words"], vocab_size=257, threads=1)
gd.count_pretokens  # loads what it needs
before = peak()
gd.count_pretokens(source, target, language="xx", threads=1, memory=memory)
counted = peak() - before
made = gd.train_on_counts(target, [2000], threads=1, memory=memory, min_pretoken_count=2)
print(made.pretokens, made.left_out, counted, peak() - before)
"""


def test_a_corpus_larger_than_memory(tmp_path: Path) -> None:
    """The table of the words is larger than the memory that counting and training stay within."""
    memory = 60 << 20
    path = tmp_path / "large.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for seed in range(4):
            for record in documents(400, 1_000, seed):
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
    answer = subprocess.run(
        [sys.executable, "-c", CHILD, path, tmp_path / "counts", str(memory)],
        capture_output=True,
        text=True,
        check=True,
    )
    pretokens, left_out, counting, training = map(int, answer.stdout.split())
    held = gd.describe_counts(tmp_path / "counts")
    assert pretokens + left_out == held.pretokens
    # In memory a pretoken takes a slot of 24 bytes, and at most five of eight are used.
    assert held.pretokens * 24 * 8 // 5 > memory // 2
    assert counting < memory
    assert training < memory
