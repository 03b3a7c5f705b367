"""Shards taken apart and put together by `docs/format.md`, sharing no code with the package."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import xxhash

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BLOCK_TOKENS = 1 << 20
HEADER = struct.Struct("<8sII16s32s32sQQQQIIIIIIQ")
ENTRY = struct.Struct("<IIQQ16s")


@dataclass
class Document:
    """A document as a shard has it: codes are places in the tables of the shard."""

    id: bytes
    tokens: NDArray[np.uint32]
    language: int
    source: int
    bytes: int


@dataclass
class Shard:
    """All that a shard says; `files` says it again, with counts and hashes that fit."""

    documents: list[Document]
    languages: list[str]
    sources: list[str]
    vocab_size: int
    eos: int
    tokenizer_sha256: bytes
    width: int
    claims: dict[str, int] = field(default_factory=dict)
    """What the header says instead of what is true."""

    @staticmethod
    def read(index: Path) -> Shard:
        """Take a shard apart."""
        raw, payload = index.read_bytes(), index.with_suffix(".bin").read_bytes()
        head = HEADER.unpack_from(raw)
        sections = {}
        for number in range(head[15]):
            kind, _, offset, size, _ = ENTRY.unpack_from(raw, HEADER.size + ENTRY.size * number)
            sections[kind] = raw[offset : offset + size]
        ids = np.frombuffer(payload, f"<u{head[13]}").astype(np.uint32)
        documents, start = [], 0
        for number in range(head[7]):
            (end,) = struct.unpack_from("<Q", sections[1], 8 * number)
            source, language, _ = struct.unpack_from("<HBB", sections[2], 4 * number)
            (size,) = struct.unpack_from("<I", sections[4], 4 * number)
            name = sections[3][16 * number : 16 * number + 16]
            documents.append(Document(name, ids[start:end].copy(), language, source, size))
            start = end
        languages, sources = (sections[kind].decode().splitlines() for kind in (6, 7))
        return Shard(documents, languages, sources, head[10], head[11], head[5], head[13])

    @property
    def ends(self) -> list[int]:
        """Tokens up to and with each document."""
        sizes = [len(document.tokens) for document in self.documents]
        return [int(end) for end in np.cumsum(sizes, dtype=np.uint64)]

    def payload(self) -> bytes:
        """All tokens."""
        return b"".join(d.tokens.astype(f"<u{self.width}").tobytes() for d in self.documents)

    def files(self) -> tuple[bytes, bytes]:
        """Payload and index."""
        payload, ends = self.payload(), self.ends
        sections = [
            (1, 8, struct.pack(f"<{len(ends)}Q", *ends)),
            (2, 4, b"".join(struct.pack("<HBB", d.source, d.language, 0) for d in self.documents)),
            (3, 16, b"".join(d.id for d in self.documents)),
            (4, 4, b"".join(struct.pack("<I", d.bytes) for d in self.documents)),
            (5, 32, self._blocks(payload, ends)),
            (6, 1, "".join(f"{name}\n" for name in self.languages).encode()),
            (7, 1, "".join(f"{name}\n" for name in self.sources).encode()),
        ]
        return payload, self._index(payload, sections)

    def _index(self, payload: bytes, sections: list[tuple[int, int, bytes]]) -> bytes:
        head_bytes = HEADER.size + ENTRY.size * len(sections)
        body, table = b"", b""
        for kind, item, data in sections:
            body += b"\0" * (-(head_bytes + len(body)) % 64)
            place = head_bytes + len(body)
            table += ENTRY.pack(kind, item, place, len(data), xxhash.xxh3_128_digest(data))
            body += data
        said = {
            "tokens": len(payload) // self.width,
            "documents": len(self.documents),
            "bytes": sum(d.bytes for d in self.documents),
            "max_id": max(int(d.tokens.max(initial=0)) for d in self.documents),
        } | self.claims
        length = head_bytes + len(body)
        counts = said["tokens"], said["documents"], said["bytes"], length
        limits = self.vocab_size, self.eos, said["max_id"], self.width, 1, len(sections), 0
        hashes = hashlib.sha256(payload).digest(), self.tokenizer_sha256
        blank = HEADER.pack(b"GSHARD\0\0", 1, head_bytes, b"\0" * 16, *hashes, *counts, *limits)
        digest = xxhash.xxh3_128_digest((blank + table)[32:])
        return blank[:16] + digest + blank[32:] + table + body

    def _blocks(self, payload: bytes, ends: list[int]) -> bytes:
        table, document, token = b"", 0, 0
        for place, end in enumerate(ends):
            if end - token >= BLOCK_TOKENS or place == len(ends) - 1:
                data = payload[token * self.width : end * self.width]
                table += struct.pack("<QQ", document, token) + xxhash.xxh3_128_digest(data)
                document, token = place + 1, end
        return table
