"""Files cleaned alone: texts, fields, counts that add up, bad records, and ends that come early."""

from __future__ import annotations

import gzip
import io
import json
import signal
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import zstandard
from tests.integration.killing import killed_at, start

import gamayun_data as gd
from gamayun_data.cleaning import REPAIRS

if TYPE_CHECKING:
    from tests.integration.conftest import CommandLine

GOOD = "The parser is “fast” and reads all of the files that you give to it in one pass."
RUSSIAN = "Столы и стулья стоят в комнате у окна, а книги лежат на полу."
TEXTS = [
    GOOD,
    GOOD.replace("“fast”", "â€œfastâ€\x9d").replace("you give", "you&nbsp;give"),
    "Ask anna.berg@firma.de, not bob@firma.de; anna.berg@firma.de knows how the parser works.",
    "Wri\u200bte to it, and to the filtеr of the cafe\u0301.\r\nIt will not answer.",
    RUSSIAN.encode("cp1251").decode("latin-1"),
    "日本語の文章です。電話は tel +49 30 901820 です。",
    "",
]
FIELDS: list[dict[str, Any]] = [
    {"id": 7, "url": "https://a.example/é", "tags": ["x", None, 1.5], "text_": "kept"},
    {"id": "b", "nested": {"z": 1, "a": {"deep": [True]}}, "big": 12345678901234567890123},
    {"id": None},
    {},
]


def records() -> list[dict[str, Any]]:
    return [{**FIELDS[n % len(FIELDS)], "text": text} for n, text in enumerate(TEXTS)]


def compressed(rows: list[dict[str, Any]]) -> bytes:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return zstandard.compress(lines.encode())


def read(path: Path) -> list[dict[str, Any]]:
    raw = path.read_bytes()
    if path.suffix == ".zst":
        # One frame: readers that stop behind the first lose nothing.
        raw = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)).read()
    return [json.loads(line) for line in raw.decode().splitlines()]


@pytest.fixture
def both(tmp_path: Path) -> list[Path]:
    """The same texts as JSON Lines and as Parquet of several row groups."""
    lines, table = tmp_path / "a.jsonl.zst", tmp_path / "b.parquet"
    lines.write_bytes(compressed(records()))
    frame = pl.DataFrame({"id": range(len(TEXTS)), "text": TEXTS, "score": [0.5] * len(TEXTS)})
    frame.write_parquet(table, row_group_size=3)
    return [lines, table]


def normalised(text: str) -> str:
    # Control characters may be part of what was repaired.
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).replace("\x9d", "")


def without_text(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "text"}


def test_texts_are_those_of_clean_and_other_fields_stay(tmp_path: Path, both: list[Path]) -> None:
    output = tmp_path / "out.jsonl.zst"
    found = gd.clean_files(both, output)
    rows = read(output)
    expected = gd.clean(TEXTS)["text"].to_list()
    assert [row["text"] for row in rows] == expected * 2
    assert expected[:2] == [GOOD, GOOD]
    assert "firma" not in expected[2]
    assert expected[4] == RUSSIAN
    assert [without_text(row) for row in rows[: len(TEXTS)]] == [
        without_text(row) for row in records()
    ]
    assert rows[-1] == {"id": len(TEXTS) - 1, "score": 0.5, "text": ""}
    assert (found.records, found.documents, found.rejected) == (14, 14, {})
    assert found.kinds["email"].changes == 6
    assert found.kinds["encoding"].documents == 4


@pytest.mark.parametrize("repair", [("encoding", "markup"), ("invisible",), REPAIRS])
def test_bytes_add_up(tmp_path: Path, both: list[Path], repair: tuple[str, ...]) -> None:
    output = tmp_path / "out.jsonl"
    found = gd.clean_files(both, output, repair=repair)
    assert found.bytes_read == 2 * sum(len(text.encode()) for text in TEXTS)
    assert found.bytes == sum(len(row["text"].encode()) for row in read(output))
    assert found.bytes_before - found.removed_bytes + found.added_bytes == found.bytes
    kinds = found.kinds.values()
    assert found.removed_bytes == sum(kind.removed_bytes for kind in kinds)
    assert found.added_bytes == sum(kind.added_bytes for kind in kinds)


def test_the_changes_lead_back(tmp_path: Path, both: list[Path]) -> None:
    output, table = tmp_path / "out.jsonl", tmp_path / "changes.parquet"
    found = gd.clean_files(both, output, changes=table, keep_originals=True, private=("email",))
    changes = pl.read_parquet(table)
    assert changes["id"].to_list()[:4] == ["7", "b", None, None]
    assert changes["record"].to_list() == [*range(1, 8)] * 2
    assert changes["input"].to_list() == [str(both[0])] * 7 + [str(both[1])] * 7
    assert found.changed == (changes["changes"].list.len() > 0).sum()
    for row, text, edited in zip(read(output), TEXTS * 2, changes.to_dicts(), strict=True):
        raw = row["text"].encode()
        for edit in reversed(edited["changes"]):
            raw = raw[: edit["start"]] + edit["original"].encode() + raw[edit["end"] :]
        assert len(raw) == edited["text_bytes_before"]
        assert normalised(raw.decode()) == normalised(text)
    assert found.bytes_before == changes["text_bytes_before"].sum()
    private = gd.clean_files(both, output, changes=table)
    assert "firma" not in str(pl.read_parquet(table).to_dicts())
    assert private.kinds["email"] == found.kinds["email"]


def test_the_same_bytes_on_any_number_of_threads(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.zst"
    source.write_bytes(compressed(records() * 3000))
    written = []
    for threads in (1, 2):
        folder = tmp_path / str(threads)
        folder.mkdir()
        output, table = folder / "out.jsonl.zst", folder / "changes.parquet"
        gd.clean_files(source, output, changes=table, threads=threads)
        written.append([output.read_bytes(), table.read_bytes()])
    assert written[0] == written[1]


def test_what_is_clean_stays_as_it_is(tmp_path: Path, both: list[Path]) -> None:
    once, twice = tmp_path / "once.jsonl.zst", tmp_path / "twice.jsonl.zst"
    first = gd.clean_files(both, once)
    again = gd.clean_files(once, twice)
    assert first.changed == 10
    assert (again.changed, again.kinds, again.removed_bytes) == (0, {}, 0)
    assert again.bytes_read == again.bytes == first.bytes
    assert once.read_bytes() == twice.read_bytes()


def test_bad_records_are_named_or_end_the_work(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl.zst"
    lines = [json.dumps({"text": GOOD}), "{broken", '{"id":1}', '{"text":5}', '{"text":"last"}']
    source.write_bytes(gzip.compress("\n".join(lines).encode()))
    found = gd.clean_files(source, output)
    assert [row["text"] for row in read(output)] == [GOOD, "last"]
    assert (found.records, found.documents) == (5, 2)
    assert found.rejected == {"invalid_json": 1, "missing_text": 1, "text_not_string": 1}
    assert found.first_rejected
    assert found.first_rejected.startswith(f"{source}: record 2: ")
    named = [
        json.loads(line) for line in (tmp_path / "out.rejected.jsonl").read_text().split("\n")[:-1]
    ]
    assert [(one["record"], one["reason"]) for one in named] == [
        (2, "invalid_json"),
        (3, "missing_text"),
        (4, "text_not_string"),
    ]
    with pytest.raises(gd.InputError, match="record 2") as told:
        gd.clean_files(source, tmp_path / "strict.jsonl", on_bad_record="fail")
    assert told.value.record == 2
    assert {path.name for path in tmp_path.iterdir()} == {
        source.name,
        output.name,
        "out.rejected.jsonl",
    }


def test_a_lost_end_is_told(tmp_path: Path, command: CommandLine) -> None:
    source, output = tmp_path / "in.jsonl.zst", tmp_path / "out.jsonl"
    whole = compressed([{"id": n, "text": f"{GOOD} {n}"} for n in range(50_000)])
    source.write_bytes(whole[: len(whole) // 2])
    found = gd.clean_files(source, output)
    assert len(found.lost_tails) == 1
    assert str(source) in found.lost_tails[0]
    assert found.records == found.documents == len(read(output)) > 0
    said = command("clean", source, "-o", output)
    assert said.err.count(found.lost_tails[0]) == 1


def test_what_makes_no_sense_is_refused(tmp_path: Path, both: list[Path]) -> None:
    held = {path: path.read_bytes() for path in both}
    for output, told in [("out.parquet", r"ends in \.jsonl"), ("a.jsonl.zst", "among the files")]:
        with pytest.raises(gd.ConfigError, match=told):
            gd.clean_files([tmp_path], tmp_path / output)
    with pytest.raises(gd.ConfigError, match=r"b\.parquet, which is among"):
        gd.clean_files(both, tmp_path / "out.jsonl", changes=both[1])
    with pytest.raises(gd.ConfigError, match="keep_originals"):
        gd.clean_files(both, tmp_path / "out.jsonl", keep_originals=True)
    with pytest.raises(gd.ConfigError, match="repair"):
        gd.clean_files(both, tmp_path / "out.jsonl", repair=("everything",))
    with pytest.raises(gd.ConfigError, match="no files"):
        gd.clean_files([], tmp_path / "out.jsonl")
    with pytest.raises(gd.ConfigError, match="nowhere"):
        gd.clean_files(tmp_path / "nowhere.jsonl", tmp_path / "out.jsonl")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == held


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.zst"
    source.write_bytes(compressed(records() * 3000))
    folder = tmp_path / "out"
    folder.mkdir()

    def stop(*_told: object) -> None:
        assert any(folder.iterdir())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gd.clean_files(
            source, folder / "out.jsonl.zst", changes=folder / "c.parquet", progress=stop
        )
    assert not list(folder.iterdir())


def test_an_interrupted_command_leaves_nothing(tmp_path: Path, command: CommandLine) -> None:
    source, folder = tmp_path / "in.jsonl.zst", tmp_path / "out"
    source.write_bytes(compressed(records() * 60_000))
    folder.mkdir()
    process = start(command, "clean", source, "-o", folder / "out.jsonl.zst", "--threads", 1)
    while not any(folder.iterdir()):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert not list(folder.iterdir())


def test_a_killed_command_leaves_no_output(tmp_path: Path, command: CommandLine) -> None:
    source, folder = tmp_path / "in.jsonl.zst", tmp_path / "out"
    source.write_bytes(compressed(records() * 30_000))
    folder.mkdir()
    output = folder / "out.jsonl.zst"
    assert killed_at("*.zst.tmp-*", folder, command, "clean", source, "-o", output)
    assert not output.exists()
    assert not (folder / "out.rejected.jsonl").exists()


def test_the_command_tells_what_it_did(
    tmp_path: Path, both: list[Path], command: CommandLine
) -> None:
    output = tmp_path / "out.jsonl"
    asked = ("clean", *both, "-o", output, "--repair", "none", "--private", "email")
    said = command(*asked)
    assert (said.code, said.out) == (0, "")
    assert "email" in said.err
    assert "bytes before" in said.err
    told = json.loads(command(*asked, "--json").out)
    assert told["kinds"].keys() == {"email"}
    assert told["documents"] == 14
    assert told["bytes_before"] - told["removed_bytes"] + told["added_bytes"] == told["bytes"]
    piped = command(
        "clean", "-", "-o", output, "--lines", "all", "--json", stdin=b'{"text":"a\\n|\\nb"}\n'
    )
    assert json.loads(piped.out)["kinds"]["symbols"]["changes"] == 1
    refused = command("clean", *both, "-o", output, "--repair", "magic")
    assert refused.code == 2
    assert "magic" in refused.err
