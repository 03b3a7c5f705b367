"""The bundled sample is what SOURCES.md says: open licences, twelve languages, some junk."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import zstandard

from gamayun_data.config import presets

SAMPLE = Path(__file__).resolve().parents[2] / "python" / "gamayun_data" / "data" / "sample"
OPEN = {"MIT", "Apache-2.0", "CC-BY-3.0", "CC-BY-4.0", "CC0-1.0", "public domain"}


def lines(path: Path) -> list[bytes]:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(raw)
    else:
        stream = zstandard.ZstdDecompressor().stream_reader(
            io.BytesIO(raw), read_across_frames=True
        )
        data = stream.read()
    return data.splitlines()


def rows(path: Path) -> list[dict[str, Any]]:
    """The good records of a file."""
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    found = []
    for line in lines(path):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record.get("text"), str):
            found.append(record)
    return found


FILES = [*sorted(SAMPLE.glob("*.jsonl.*")), SAMPLE / "books.parquet"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_record_names_an_open_source(path: Path) -> None:
    listed = (SAMPLE / "SOURCES.md").read_text(encoding="utf-8")
    for row in rows(path):
        assert row["licence"].split(" (")[0] in OPEN
        assert row["source"] == "made for this sample" or f"{row['source']} |" in listed


@pytest.mark.parametrize("language", presets()["twelve"])
def test_every_language_has_enough_text(language: str) -> None:
    path = next(SAMPLE.glob(f"web-{language}.*"))
    size = sum(len(row["text"].encode()) for row in rows(path))
    assert 100_000 < size < 230_000


def test_there_is_something_to_drop() -> None:
    texts = Counter(row["text"] for path in FILES for row in rows(path))
    assert max(texts.values()) > 1
    ids = [row["id"] for path in FILES for row in rows(path)]
    assert any(name.startswith("junk-") for name in ids)
    assert any(name.endswith("~4") for name in ids)
    english = SAMPLE / "web-en.jsonl.zst"
    assert len(rows(english)) < len(lines(english))


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 1_200_000
