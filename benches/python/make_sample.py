"""Rebuilds the bundled sample from a corpus of permissively licensed documents.

    python benches/python/make_sample.py --corpus DIR [--output python/gamayun_data/data/sample]

DIR holds one `xx.jsonl.zst` per language with the fields id, text, source and url. Which documents
are taken, which are copied or edited, and where the junk goes depends on the seed and on the ids
alone, so the same corpus gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEED = 17
LANGUAGES = ("en", "ru", "de", "fr", "es", "it", "pt", "zh", "ja", "ko", "ar", "tr")
FOREIGN = ("cs", "hi", "id", "nl", "pl", "uk", "vi")
LICENCES = {
    "apache/httpd": "Apache-2.0",
    "bundestag/gesetze": "public domain",
    "COST-ELTeC": "public domain (markup CC BY 4.0)",
    "d0rj/RusLit": "public domain",
    "electron/i18n": "MIT",
    "github/opensource.guide": "CC-BY-4.0",
    "made for this sample": "CC0-1.0",
    "microsoft/IoT-For-Beginners": "MIT",
    "open-telemetry/opentelemetry.io": "CC-BY-4.0",
    "php/doc-": "CC-BY-3.0",
    "reactjs/": "CC-BY-4.0",
    "rurema/doctree": "CC-BY-3.0",
    "tensorflow/docs-l10n": "Apache-2.0",
    "vuejs-translations/": "CC-BY-4.0",
}
# Bytes of web text per language; English is the anchor of both stages of the recipe and gets more.
WEB_BYTES = dict.fromkeys(LANGUAGES, 110_000) | {"en": 150_000}
WEB_SHARES = {
    "github/opensource.guide": 0.25,
    "microsoft/IoT-For-Beginners": 0.25,
    "reactjs/": 0.20,
    "php/doc-": 0.10,
    "open-telemetry/opentelemetry.io": 0.10,
    "tensorflow/docs-l10n": 0.10,
    "bundestag/gesetze": 0.15,
    "rurema/doctree": 0.10,
    "vuejs-translations/": 0.15,
    "electron/i18n": 0.10,
    "apache/httpd": 0.15,
}
BOOK_SOURCES = ("COST-ELTeC", "d0rj/RusLit")
STEM_SOURCES = ("tensorflow/docs-l10n", "microsoft/IoT-For-Beginners")
BOOK_BYTES = 60_000
STEM_BYTES = 60_000
CODE_BYTES = 60_000
PARAGRAPH_BYTES = 12_000
MIN_BYTES, MAX_CHARACTERS = 400, 16_000
TERMINAL = tuple(".!?…:;\"'”»。！？」』：؟۔)）")
UNSPACED = ("zh", "ja")


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the sample, and the corpus it came from."""

    id: str
    text: str
    source: str
    language: str
    url: str | None = None

    @property
    def licence(self) -> str:
        """The licence of the source the document was taken from."""
        return next(v for k, v in LICENCES.items() if self.source.startswith(k))

    @property
    def size(self) -> int:
        """UTF-8 bytes of the text."""
        return len(self.text.encode())

    @property
    def order(self) -> bytes:
        """A place in line that depends on the seed and the id alone."""
        return hashlib.sha256(f"{SEED} {self.id}".encode()).digest()

    def record(self) -> dict[str, str | None]:
        """The document as a row of an input file."""
        fields = {"id": self.id, "text": self.text, "url": self.url}
        return fields | {"source": self.source, "licence": self.licence}


def read(corpus: Path, language: str) -> list[Document]:
    """The permissively licensed documents of one language, in the order of the seed."""
    documents = []
    with (corpus / f"{language}.jsonl.zst").open("rb") as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        for line in io.TextIOWrapper(stream, encoding="utf-8", newline="\n"):
            row = json.loads(line)
            if any(row["source"].startswith(known) for known in LICENCES):
                documents.append(
                    Document(row["id"], row["text"], row["source"], language, row["url"])
                )
    return sorted(documents, key=lambda document: document.order)


def prose(document: Document) -> float:
    """How near a page comes to full sentences, at most 1: the quality rules, roughly read."""
    text = document.text
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    letters = sum(c.isalpha() for c in text)
    words = letters / 1.7 if document.language in UNSPACED else len(re.findall(r"[^\W\d_]+", text))
    marks = len(re.findall(r"[^\w\s]|\d+", text))
    return min(
        1.0,
        words / 80,
        words / (words + marks + 1) / 0.8,
        0.15 * words / (text.count("\n") + 1),
        sum(line.endswith(TERMINAL) for line in lines) / len(lines) / 0.3,
        len(set(lines)) / len(lines) / 0.9,
    )


def take(documents: Iterable[Document], budget: float) -> list[Document]:
    """Documents of fitting size, first come first served, until the budget of bytes is full."""
    taken, room = [], budget
    for document in documents:
        if len(document.text) <= MAX_CHARACTERS and MIN_BYTES <= document.size <= room:
            taken.append(document)
            room -= document.size
    return taken


def best(documents: list[Document]) -> list[Document]:
    """The likeliest prose first; equally likely documents stay in the order of the seed."""
    return sorted(documents, key=lambda document: -round(prose(document), 1))


def take_mixed(documents: list[Document], budget: float) -> list[Document]:
    """Nine tenths prose, the rest anything: the rules shall find something to drop."""
    pages = take(best(documents), 0.9 * budget)
    taken = {document.id for document in pages}
    rest = (document for document in documents if document.id not in taken)
    return pages + take(rest, 0.1 * budget)


def web(documents: list[Document], language: str) -> list[Document]:
    """The web documents of a language: its sources by their shares."""
    by_source = {
        name: [document for document in documents if document.source.startswith(name)]
        for name in WEB_SHARES
    }
    present = {name: found for name, found in by_source.items() if found}
    total = sum(WEB_SHARES[name] for name in present)
    budget = WEB_BYTES[language]
    pages = [
        document
        for name, found in present.items()
        for document in take_mixed(found, budget * WEB_SHARES[name] / total)
    ]
    taken = {document.id for document in pages}
    left = (document for document in documents if document.id not in taken)
    fill = [document for document in left if not document.source.startswith(BOOK_SOURCES)]
    return pages + take(best(fill), budget - sum(document.size for document in pages))


def books(documents: list[Document]) -> list[Document]:
    """Chapters of novels out of copyright."""
    return take((d for d in documents if d.source.startswith(BOOK_SOURCES)), BOOK_BYTES)


def prose_of(text: str) -> str:
    """The sentences of a page in Markdown: no program text, tables, headings, links or emphasis."""
    text = re.sub(r"^```.*?^```|<!--.*?-->|<[^>]*>", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])", r"\1", text)
    text = re.sub(r"[`*]|(?<=\s)_|_(?=\s)", "", text)
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        line = " ".join(paragraph.split())
        if len(line) > 60 and line.endswith((".", "?", "!")) and line[0].isalpha():
            found.append(line)
    return "\n\n".join(dict.fromkeys(found))


def stem(documents: list[Document]) -> list[Document]:
    """Lessons on computing with numbers and on sensors, as prose."""
    topic = re.compile(r"gradient|probabilit|regression|matrix|statistic|equation|sensor|voltage")
    lessons = [
        replace(document, id=f"{document.id}#prose", text=prose_of(document.text))
        for document in documents
        if document.source in STEM_SOURCES and topic.search(document.text)
    ]
    return take(best(lessons), STEM_BYTES)


def code(documents: list[Document]) -> list[Document]:
    """The program text of technical pages: all fenced blocks of a page are one document."""
    fence = re.compile(
        r"^```(python|js|javascript|java|cpp|go|ts|rust)\n(.*?)^```", re.MULTILINE | re.DOTALL
    )
    programs = []
    for document in documents:
        blocks = [block for _, block in fence.findall(document.text)]
        text = "\n".join(blocks)
        programs.append(replace(document, id=f"{document.id}#code", text=text))
    return take(programs, CODE_BYTES)


def paragraphs(documents: list[Document]) -> list[str]:
    """Long paragraphs, each on a line of its own."""
    lines, room = [], PARAGRAPH_BYTES
    for document in documents:
        for line in document.text.splitlines():
            size = len(line.encode())
            if 350 <= size <= min(2_000, room) and line.strip().endswith(TERMINAL):
                lines.append(line.strip())
                room -= size
    return lines


# --- copies, junk and broken records ------------------------------------------------------------


def edit(document: Document, share: float, rng: random.Random) -> str:
    """The text with a share of its words (characters where no spaces are written) left out."""
    if document.language in UNSPACED:
        return "".join(c for c in document.text if c == "\n" or rng.random() >= share)
    pieces = re.split(r"( +)", document.text)
    return "".join(p for p in pieces if p.isspace() or rng.random() >= share)


def copies(documents: list[Document], rng: random.Random) -> list[Document]:
    """Exact copies, reposts with a header and footer, trimmed and lightly edited versions."""
    originals = best(documents)[:6]
    made = []
    for number, document in enumerate(originals):
        texts = (
            document.text,
            document.text.replace("\n\n", "\n \n\n").upper()
            if document.language == "en"
            else document.text + "\n",
            f"HOME | NEWS | ABOUT\n\n{document.text}\n\nShare this page\nAll rights reserved",
            document.text[: len(document.text) * 9 // 10],
            edit(document, 0.01, rng),
            edit(document, 0.30, rng),
        )
        made.append(replace(document, id=f"{document.id}~{number}", text=texts[number]))
    return made


def junk(rng: random.Random) -> list[Document]:
    """Hand-made pages that no filter should keep."""
    words = "cheap shoes watch online free best buy price sale new deal shop".split()  # noqa: SIM905
    pages = [
        "\n".join(["Buy now and save!"] * 60),
        " ".join(rng.choice(words) for _ in range(400)),
        "\n".join(["Home", "About", "Contact", "Privacy", "Terms", "Login", "Sitemap"] * 8),
        "\n".join(f"{rng.random():.8f},{rng.random():.8f},{rng.random():.8f}" for _ in range(80)),
        "We use cookies to improve your experience. Accept all. Reject all. Settings.",
        "".join(rng.choice("0123456789abcdef") for _ in range(2_000)),
        "\n".join(f"- {rng.choice(words)} {rng.choice(words)}..." for _ in range(70)),
        "#" * 300 + " limited offer " + "!" * 500,
        "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod " * 30,
        "Скачать бесплатно без регистрации. " * 50,
        "Ð¡ÐºÐ°Ñ‡Ð°Ñ‚ÑŒ ÐºÐ½Ð¸Ð³Ñƒ Ð¾Ð½Ð»Ð°Ð¹Ð½ " * 40,
        "点击这里 下载 " * 120,
        "Page 1 of 1",
        "\n".join(f"{n}. {rng.choice(words).title()}" for n in range(1, 90)),
        "OK",
    ]
    return [
        Document(f"junk-{number:02}", page, "made for this sample", "en")
        for number, page in enumerate(pages)
    ]


def broken() -> list[bytes]:
    """Lines that are no valid records."""
    return [
        b'{"id": "broken-1", "text": "the line ends in the middle of a stri',
        b'{"id": "broken-2", "url": "https://example.org/no-text"}',
        b'{"id": "broken-3", "text": 42}',
        b'{"id": "broken-4", "text": null}',
        b'{"id": "broken-5", "text": "not UTF-8: \xff\xfe"}',
        b"<html><body>502 Bad Gateway</body></html>",
    ]


# --- files --------------------------------------------------------------------------------------


def lines_of(documents: Iterable[Document]) -> Iterator[bytes]:
    """The records of documents as lines of JSON."""
    for document in documents:
        yield json.dumps(document.record(), ensure_ascii=False).encode()


def write_zst(path: Path, lines: Iterable[bytes], frames: int = 1) -> None:
    """Lines into a zstd file of one or more frames."""
    rows = [line + b"\n" for line in lines]
    cut = -(-len(rows) // frames)
    with path.open("wb") as file:
        for start in range(0, len(rows), cut):
            block = b"".join(rows[start : start + cut])
            file.write(zstandard.ZstdCompressor(level=19).compress(block))


def write_gz(path: Path, lines: Iterable[bytes]) -> None:
    """Lines into a gzip file that carries no time."""
    path.write_bytes(gzip.compress(b"".join(line + b"\n" for line in lines), 9, mtime=0))


def write_parquet(path: Path, documents: list[Document]) -> None:
    """Documents as a table with several row groups."""
    table = pa.Table.from_pylist([document.record() for document in documents])
    pq.write_table(table, path, compression="zstd", compression_level=19, row_group_size=32)


def scattered(lines: list[bytes], extra: list[bytes], rng: random.Random) -> list[bytes]:
    """Extra lines put among the others at places that the seed decides."""
    mixed = list(lines)
    for line in extra:
        mixed.insert(rng.randrange(len(mixed) + 1), line)
    return mixed


def sources_page(documents: list[Document]) -> str:
    """SOURCES.md: every source of the sample with its licence."""
    sizes: dict[tuple[str, str], int] = defaultdict(int)
    languages: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        sizes[document.source, document.licence] += document.size
        languages[document.source].add(document.language)
    rows = [
        f"| github.com/{source} | {licence} | {' '.join(sorted(languages[source]))} | {size:,} |"
        for (source, licence), size in sorted(sizes.items())
    ]
    return PAGE.format(rows="\n".join(rows), seed=SEED)


PAGE = """# Sources of the sample

Documents in the twelve languages of the `twelve` preset, and a few in others, taken from the
repositories below. Rebuilt by `benches/python/make_sample.py`, seed {seed}. Every record names its
source and licence.

| source | licence | languages | bytes of text |
|---|---|---|---|
{rows}

Licences: MIT (opensource.org/license/mit), Apache-2.0 (apache.org/licenses/LICENSE-2.0), CC BY 4.0
(creativecommons.org/licenses/by/4.0), CC BY 3.0 (creativecommons.org/licenses/by/3.0).

- Novels: out of copyright; edited for the European Literary Text Collection (COST action CA16204,
  Distant Reading for European Literary History).
- IoT for Beginners: copyright (c) Microsoft Corporation.
- Electron documentation: copyright (c) Electron contributors and GitHub Inc.
- PHP manual: copyright (c) the PHP Documentation Group.
- TensorFlow documentation: copyright The TensorFlow Authors.
- Apache HTTP Server documentation: copyright The Apache Software Foundation.
- OpenTelemetry documentation: copyright OpenTelemetry Authors.
- React documentation: copyright Meta Platforms, Inc. and translators.
- Vue documentation: copyright Evan You and translators.
- Open Source Guides: copyright GitHub, Inc. and contributors.
- Ruby reference manual (rurema): copyright its contributors.

Changes: markup was removed, novels were cut into chapters, fenced program text was taken out of
pages to make the `code` source, sentences of lessons to make the `stem` source, and paragraphs of
guides were put on lines of their own. Ids that
end in `~n` are copies made on purpose: exact, with a header and a footer, trimmed, or with words
left out. Ids `junk-*` and the broken records were written for this sample (CC0).
"""


def build(corpus: Path, output: Path) -> None:
    """Write every file of the sample."""
    rng = random.Random(SEED)  # noqa: S311
    everything: list[Document] = []
    library: list[Document] = []
    notes: list[bytes] = []
    for language in LANGUAGES:
        documents = read(corpus, language)
        pages, chapters = web(documents, language), books(documents)
        taken = {document.id for document in pages}
        guides = [d for d in documents if "opensource.guide" in d.source and d.id not in taken]
        notes += [line.encode() for line in paragraphs(guides)]
        twins = copies(pages, rng)
        lines = scattered(list(lines_of(pages)), list(lines_of(twins)), rng)
        if language == "en":
            write_zst(output / "stem.jsonl.zst", lines_of(stem(documents)))
            write_zst(output / "code.jsonl.zst", lines_of(code(documents)))
            everything += stem(documents) + code(documents)
            noise = [json.dumps(d.record()).encode() for d in junk(rng)] + broken()
            lines = scattered([*lines, lines[0]], noise, rng)
        if language == "tr":
            write_gz(output / "web-tr.jsonl.gz", lines)
        else:
            write_zst(
                output / f"web-{language}.jsonl.zst", lines, frames=3 if language == "en" else 1
            )
        library += chapters + [replace(d, id=f"{d.id}~book") for d in pages[:1]]
        everything += pages + chapters
    foreign = [d for language in FOREIGN for d in take(read(corpus, language), 9_000)]
    write_zst(output / "web-other.jsonl.zst", lines_of(foreign))
    write_parquet(output / "books.parquet", library)
    write_gz(output / "notes.txt.gz", notes)
    (output / "SOURCES.md").write_text(sources_page(everything + foreign), encoding="utf-8")


def main() -> None:
    """Read the options and build the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of xx.jsonl.zst files")
    here = Path(__file__).resolve().parents[2]
    default = here / "python" / "gamayun_data" / "data" / "sample"
    parser.add_argument("--output", type=Path, default=default)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    build(options.corpus, options.output)


if __name__ == "__main__":
    main()
