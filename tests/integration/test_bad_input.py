"""Every kind of bad input, through the command line: what is read, set aside and said."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

if TYPE_CHECKING:
    from tests.integration.conftest import Answer, CommandLine

GOOD = b"".join(
    json.dumps({"id": str(n), "text": f"A good document, number {n}, of a few words."}).encode()
    + b"\n"
    for n in range(20)
)
LONG = b'{"text": "' + b"x" * 3_000_000 + b'"}\n'
LOSES_THE_TAIL = {"truncated", "corrupt"}


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and what a run makes of it."""

    name: str
    file: str
    content: bytes
    read: int | None
    rejected: dict[str, int]


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


CASES = (
    Case(
        "truncated gzip",
        "a.jsonl.gz",
        half(gzip.compress(GOOD)),
        None,
        {"truncated": 1},
    ),
    Case("truncated zstd", "a.jsonl.zst", zstandard.compress(GOOD)[:-40], None, {"truncated": 1}),
    Case("corrupt gzip", "a.jsonl.gz", gzip.compress(GOOD)[:-8] + b"\0" * 8, None, {"corrupt": 1}),
    Case("two zstd frames", "a.jsonl.zst", zstandard.compress(GOOD) * 2, 40, {}),
    Case("extension that lies", "a.jsonl", zstandard.compress(GOOD), 20, {}),
    Case("invalid UTF-8", "a.jsonl", GOOD + b'{"text": "\xff"}\n', 20, {"invalid_utf8": 1}),
    Case("invalid JSON", "a.jsonl", b'{"text": "x\n' + GOOD, 20, {"invalid_json": 1}),
    Case("not an object", "a.jsonl", b"[1, 2]\n7\n" + GOOD, 20, {"invalid_json": 2}),
    Case("missing text", "a.jsonl", b'{"id": "x"}\n' + GOOD, 20, {"missing_text": 1}),
    Case("null text", "a.jsonl", b'{"text": null}\n' + GOOD, 20, {"missing_text": 1}),
    Case("text that is a number", "a.jsonl", b'{"text": 42}\n' + GOOD, 20, {"text_not_string": 1}),
    Case("byte order mark", "a.jsonl", b"\xef\xbb\xbf" + GOOD, 20, {}),
    Case("CRLF", "a.jsonl", GOOD.replace(b"\n", b"\r\n"), 20, {}),
    Case("NUL in a text", "a.jsonl", GOOD + b'{"text": "a\\u0000b"}\n', 21, {}),
    Case("no line end at the end", "a.jsonl", GOOD[:-1], 20, {}),
    Case("empty file", "a.jsonl", b"", 0, {}),
    Case("a long line", "a.jsonl", GOOD + LONG, 20, {"too_large": 1}),
)


def run_on(command: CommandLine, tmp_path: Path, path: Path, *more: object) -> Answer:
    answer = command(
        "curate", path, "-o", tmp_path / "run", "--langs", "en", "--json",
        "--max-document-bytes", "1M", *more,
    )  # fmt: skip
    assert "Traceback" not in answer.err
    return answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_counted(case: Case, command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / case.file
    path.write_bytes(case.content)
    answer = run_on(command, tmp_path, path)
    assert answer.code == 0, answer.err
    result = json.loads(answer.out)
    # The lost tail of a file is unknown, and so no record that could be counted.
    counted = {reason: n for reason, n in case.rejected.items() if reason not in LOSES_THE_TAIL}
    assert result["rejected"] == counted
    if case.read is not None:
        assert result["read"] == case.read
    lines = (tmp_path / "run" / "rejected.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum(case.rejected.values()) == len(lines)
    for line in map(json.loads, lines):
        assert line["file"].endswith(case.file)
        assert line["tail_unknown"] == (line["reason"] in LOSES_THE_TAIL)
    assert bool(result["unknown_tails"]) == bool(LOSES_THE_TAIL & set(case.rejected))


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.rejected], ids=lambda case: case.name
)
def test_bad_input_stops_the_run_if_asked_to(
    case: Case, command: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / case.file
    path.write_bytes(case.content)
    answer = run_on(command, tmp_path, path, "--on-bad-record", "fail")
    assert answer.code == 1
    assert case.file in answer.err


def test_the_record_is_named(command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "part-3.jsonl"
    path.write_bytes(GOOD + b'{"id": "x"}\n')
    answer = run_on(command, tmp_path, path, "--on-bad-record", "fail")
    assert re.search(r"part-3\.jsonl: record 21: .*text is missing", answer.err)


def missing(tmp_path: Path) -> Path:
    return tmp_path / "nowhere.jsonl"


def empty_glob(tmp_path: Path) -> Path:
    return tmp_path / "no-*.zst"


def below_a_file(tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(GOOD)
    return tmp_path / "file" / "a.jsonl"


def folder_without_data(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


@pytest.mark.parametrize("make", [missing, empty_glob, below_a_file, folder_without_data])
def test_a_source_that_is_not_there(
    make: Callable[[Path], Path], command: CommandLine, tmp_path: Path
) -> None:
    path = make(tmp_path)
    answer = run_on(command, tmp_path, path)
    assert answer.code in {1, 2}
    assert path.name in answer.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD)
    path.chmod(0)
    answer = run_on(command, tmp_path, path, "--on-bad-record", "fail")
    assert answer.code == 1
    assert "a.jsonl" in answer.err


def test_a_parquet_file_without_the_column(command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"content": ["x"]}), path)
    answer = run_on(command, tmp_path, path)
    assert answer.code in {1, 2}
    assert "a.parquet" in answer.err
    assert "content" in answer.err


def test_a_broken_parquet_file(command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1")
    answer = run_on(command, tmp_path, path)
    assert answer.code == 0
    assert "a.parquet" in json.loads(answer.out)["unknown_tails"][0]
    answer = run_on(command, tmp_path / "again", path, "--on-bad-record", "fail")
    assert answer.code == 1
    assert "a.parquet" in answer.err


def test_stdin(command: CommandLine, tmp_path: Path) -> None:
    answer = command("curate", "-", "-o", tmp_path / "run", "--langs", "en", "--json", stdin=GOOD)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["read"] == 20


@pytest.mark.slow
def test_a_line_of_200_megabytes(command: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(GOOD + b'{"text": "')
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + GOOD.replace(b'"id": "', b'"id": "z'))
    answer = run_on(command, tmp_path, path)
    assert answer.code == 0, answer.err
    result = json.loads(answer.out)
    assert result["read"] == 40
    assert result["rejected"] == {"too_large": 1}


WRONG = (
    (("curate", "-o", "RUN"), "nothing to read"),
    (("curate", "x.jsonl", "-o", "RUN", "--langz", "en"), "--langs"),
    (("curate", "x.jsonl", "-o", "RUN", "--threads", "0"), "threads"),
    (("curate", "x.jsonl", "-o", "RUN", "--memory", "lots"), "lots"),
    (("verify", "nowhere"), "nowhere"),
    (("plan", "."), "--recipe"),
)


@pytest.mark.parametrize(("arguments", "says"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_usage_is_refused(
    arguments: tuple[str, ...], says: str, command: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "x.jsonl").write_bytes(GOOD)
    places = {"x.jsonl": tmp_path / "x.jsonl", "RUN": tmp_path / "run"}
    answer = command(*(places.get(argument, argument) for argument in arguments))
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err
    assert not (tmp_path / "run").exists()


def test_counting_refuses_what_memory_does_not_allow(
    command: CommandLine, run: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    answer = command(
        "tokenizer", "train", copy, "--vocab-size", "300", "--split", "gpt2", "--memory", "1M"
    )
    assert answer.code == 2
    assert "pretokens needs" in answer.err
