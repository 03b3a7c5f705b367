"""Writes shards from `docs/format.md` alone, for tests of what reads them."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

xxhash = pytest.importorskip("xxhash")

BLOCK_TOKENS = 1 << 20


@dataclass
class Document:
    id: str
    key: int
    tokens: list[int]
    language: int = 0
    source: int = 0
    bytes: int = 0


@dataclass
class Pool:
    """What a pool's shards are made of."""

    documents: list[Document]
    vocab_size: int = 300
    eos: int = 0
    max_shard_bytes: int = 1 << 31
    languages: list[str] = field(default_factory=lambda: ["en", "ru"])
    sources: list[str] = field(default_factory=lambda: ["web"])
    tokenizer_sha256: str = "09" * 32

    @property
    def width(self) -> int:
        return 2 if self.vocab_size <= 65_536 else 4

    def shards(self) -> list[tuple[bytes, bytes]]:
        """Payload and index of each shard, as docs/format.md says."""
        documents = sorted(self.documents, key=lambda d: (d.key, d.id))
        ends = np.cumsum([0] + [len(d.tokens) for d in documents]).tolist()
        count = -(-ends[-1] * self.width // self.max_shard_bytes)
        cuts = {0, len(documents)}
        for k in range(1, count):
            target = k * ends[-1] // count
            cuts.add(min(range(len(ends)), key=lambda i: (abs(ends[i] - target), -i)))
        edges = sorted(cuts)
        return [self.shard(documents[a:b]) for a, b in pairwise(edges) if a < b]

    def shard(self, documents: list[Document]) -> tuple[bytes, bytes]:
        payload = b"".join(np.array(d.tokens, f"<u{self.width}").tobytes() for d in documents)
        ends = np.cumsum([len(d.tokens) for d in documents]).tolist()
        largest = max(max(d.tokens) for d in documents)
        sha256, blocks = hashlib.sha256(payload).digest(), self.blocks(payload, ends)
        return payload, self.index(documents, ends, sha256, blocks, largest)

    def index(
        self, documents: list[Document], ends: list[int], sha256: bytes, blocks: bytes, largest: int
    ) -> bytes:
        """The index of documents that end at these tokens of a payload with this hash."""
        sections = [
            (1, 8, struct.pack(f"<{len(ends)}Q", *ends)),
            (2, 4, b"".join(struct.pack("<HBB", d.source, d.language, 0) for d in documents)),
            (3, 16, b"".join(bytes.fromhex(d.id) for d in documents)),
            (4, 4, b"".join(struct.pack("<I", d.bytes) for d in documents)),
            (5, 32, blocks),
            (6, 1, "".join(f"{name}\n" for name in self.languages).encode()),
            (7, 1, "".join(f"{name}\n" for name in self.sources).encode()),
        ]
        head_bytes = 160 + 40 * len(sections)
        body, table = b"", b""
        for kind, item, data in sections:
            body += b"\0" * (-(head_bytes + len(body)) % 64)
            offset = head_bytes + len(body)
            table += struct.pack("<IIQQ", kind, item, offset, len(data))
            table += xxhash.xxh3_128_digest(data)
            body += data
        rest = sha256 + bytes.fromhex(self.tokenizer_sha256)
        text_bytes = sum(d.bytes for d in documents)
        rest += struct.pack("<QQQQ", ends[-1], len(documents), text_bytes, head_bytes + len(body))
        rest += struct.pack("<IIIIIIQ", self.vocab_size, self.eos, largest, self.width, 1, 7, 0)
        rest += table
        start = b"GSHARD\0\0" + struct.pack("<II", 1, head_bytes)
        digest: bytes = xxhash.xxh3_128_digest(rest)
        return start + digest + rest + body

    def blocks(self, payload: bytes, ends: list[int]) -> bytes:
        table, document, token = b"", 0, 0
        for place, end in enumerate(ends):
            if end - token >= BLOCK_TOKENS or place == len(ends) - 1:
                data = payload[token * self.width : end * self.width]
                table += struct.pack("<QQ", document, token) + xxhash.xxh3_128_digest(data)
                document, token = place + 1, end
        return table

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for number, (payload, index) in enumerate(self.shards()):
            (folder / f"{number:05}.bin").write_bytes(payload)
            (folder / f"{number:05}.gdx").write_bytes(index)


def document(n: int, length: int, vocab_size: int = 300) -> Document:
    """The `n`-th document: `length` tokens and EOS."""
    tokens = [1 + (n * 7 + i) % (vocab_size - 1) for i in range(length)] + [0]
    return Document(f"{n + 1:032x}", (n * 2_654_435_761) % 97, tokens, n % 2, 0, 3 * n)
