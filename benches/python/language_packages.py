# ruff: noqa: D103 (each reader is named for what it reads)
r"""English as pages about programs have it, from installed packages: names, menus, contents, code.

A page of a manual may hold hardly a sentence: names of functions, headings, one line on each. Such
rows come from Python packages and Rust crates whose licence is MIT, BSD, Apache, ISC, zlib or CC0:
paragraphs of their descriptions and comments, lists of what they define, contents, lines of code.
`--licences` writes which packages these are. The same packages give the same rows.

    python benches/python/language_packages.py --python SITE_PACKAGES --crates REGISTRY \
        -o packages.tsv --licences used.tsv
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import tomllib
import warnings
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

from language_data import clean, compared, keyed

PERMISSIVE = re.compile(r"\b(MIT|BSD|Apache|ISC|Zlib|0BSD|Unlicense|CC0)\b", re.IGNORECASE)
RESTRICTED = re.compile(r"GPL|MPL|CC-BY|Mozilla|Proprietary|EULA|SSPL|BUSL", re.IGNORECASE)
MOST = {"prose": 5_000, "names": 5_000, "contents": 2_500, "code": 2_500}
"""Rows of a kind."""
OF_PACKAGE = 160
"""Rows of a kind from one package."""

Found = Iterator[tuple[str, str]]
"""(kind, text)."""


def permissive(licence: str) -> bool:
    return bool(PERMISSIVE.search(licence)) and not RESTRICTED.search(licence)


def python_packages(folder: Path) -> Iterator[tuple[str, str, list[Path], str]]:
    """(name, licence, source files, description) of what is installed in a folder."""
    for metadata in sorted(folder.glob("*.dist-info/METADATA")):
        message = Parser().parsestr(metadata.read_text(encoding="utf-8", errors="replace"))
        stated = [message["License-Expression"] or (message["License"] or "").split("\n")[0]]
        stated += [c for c in message.get_all("Classifier", []) if c.startswith("License")]
        record = metadata.with_name("RECORD")
        names = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        files = [folder / name.split(",")[0] for name in names if ".py," in name]
        payload = message.get_payload()
        licence = "; ".join(part for part in stated if part)
        yield message["Name"], licence, files, payload if isinstance(payload, str) else ""


def crates(folder: Path) -> Iterator[tuple[str, str, list[Path], str]]:
    """The same of crates."""
    for manifest in sorted(folder.glob("*/Cargo.toml")):
        package = tomllib.loads(manifest.read_text(encoding="utf-8")).get("package", {})
        readme = manifest.with_name("README.md")
        text = readme.read_text(encoding="utf-8", errors="replace") if readme.exists() else ""
        files = sorted(manifest.parent.glob("src/**/*.rs"))
        yield package.get("name", ""), str(package.get("license", "")), files, text


def of_description(text: str, draw: random.Random) -> Found:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    heads = [line.lstrip("# ") for line in lines if line.startswith("#")]
    if len(heads) >= 4:
        yield "contents", " ".join(heads)
    for start in range(0, len(lines), 8):
        yield "prose", " ".join(lines[start : start + draw.randint(3, 8)])


def of_python(source: str, draw: random.Random) -> Found:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    defined = ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef
    names, firsts = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | defined):
            said = ast.get_docstring(node) or ""
            if isinstance(node, defined):
                names.append(node.name)
                firsts.append(f"{node.name} {said.split(chr(10))[0]}".strip())
            if len(said) > 60:
                yield "prose", said
    yield from lists(names, firsts, source, draw)


def of_rust(source: str, draw: random.Random) -> Found:
    names = re.findall(r"\bpub (?:fn|struct|enum|trait|const|type) (\w+)", source)
    comments = re.findall(r"(?:^[ \t]*//[/!].*\n)+", source, re.MULTILINE)
    said = [re.sub(r"^[ \t]*//[/!] ?", "", text, flags=re.MULTILINE) for text in comments]
    yield from (("prose", text) for text in said if len(text) > 60)
    yield from lists(names, [text.split("\n")[0] for text in said], source, draw)


def lists(names: list[str], firsts: list[str], source: str, draw: random.Random) -> Found:
    """What a file defines, bare or with a word on each, and some of its lines."""
    for start in range(0, len(names), 40):
        some = names[start : start + draw.randint(4, 40)]
        if len(some) >= 4:
            yield "names", draw.choice((" ", ", ", "() ")).join(some)
    for start in range(0, len(firsts), 16):
        some = firsts[start : start + draw.randint(2, 12)]
        if len(some) >= 2:
            yield "contents", " ".join(some)
    lines = [line.strip() for line in source.split("\n") if line.strip()]
    if len(lines) > 30:
        start = draw.randrange(len(lines) - 10)
        yield "code", " ".join(lines[start : start + draw.randint(3, 10)])


def rows_of_package(name: str, files: list[Path], description: str) -> Found:
    draw = random.Random(name)  # noqa: S311
    found: dict[str, list[str]] = {kind: [] for kind in MOST}
    for kind, text in of_description(description, draw):
        found[kind].append(text)
    for path in files[:400]:
        if not path.is_file() or path.stat().st_size > 300_000:
            continue
        read = of_python if path.suffix == ".py" else of_rust
        for kind, text in read(path.read_text(encoding="utf-8", errors="replace"), draw):
            found[kind].append(text)
    for kind, texts in found.items():
        yield from ((kind, text) for text in keyed(sorted(set(texts)), name)[:OF_PACKAGE])


def english(text: str) -> bool:
    """Hardly a letter outside ASCII: no names of other languages, no tables of characters."""
    return len(compared(text)) >= 20 and sum(c.isascii() for c in text) >= 0.98 * len(text)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", type=Path, nargs="*", default=[], metavar="SITE_PACKAGES")
    parser.add_argument("--crates", type=Path, nargs="*", default=[], metavar="REGISTRY")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--licences", type=Path, required=True)
    options = parser.parse_args()
    rows: dict[str, set[str]] = {kind: set() for kind in MOST}
    used: dict[str, str] = {}
    packages = [p for folder in options.python for p in python_packages(folder)]
    packages += [p for folder in options.crates for p in crates(folder)]
    for name, licence, files, description in packages:
        if not permissive(licence) or not name or name in used or name.startswith("gamayun"):
            continue
        used[name] = licence
        for kind, text in rows_of_package(name, files, description):
            if english(text):
                rows[kind].add(clean(text))
    with options.output.open("w", encoding="utf-8") as file:
        for kind, texts in rows.items():
            for text in keyed(sorted(texts), kind)[: MOST[kind]]:
                file.write(f"en\t{kind}\t{text}\n")
    options.licences.write_text("".join(f"{n}\t{used[n]}\n" for n in sorted(used)))
    print({kind: len(texts) for kind, texts in rows.items()}, len(used), "packages")


if __name__ == "__main__":
    main()
