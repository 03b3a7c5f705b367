# ruff: noqa: D103, E501 (each reader is named for its source; tables of labels are wide)
"""Make the training text of the bundled language model: rows of label, source and text, from folders you name.

Nothing is downloaded: each `--NAME FOLDER` is a checkout of a public repository (docs/language.md lists them with their
licences); what is not named is left out. Sentences of `--exclude` files, compared without case, marks and spaces,
never enter. The same folders give the same rows.

    python benches/python/language_data.py --corpus corpus --ntrex NTREX … --exclude corpus/lid/*.tsv -o train.tsv
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import json
import random
import re
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree as ET

import zstandard

ROOT = Path(__file__).resolve().parents[2]
Item = TypeVar("Item")
Rows = Iterator[tuple[str, str]]
"""(label as the source writes it, text)."""

SHORTEST, LONGEST = 8, 600
"""Bytes and characters of a text."""
MOST: dict[str, int] = {
    "corpus": 14_000,
    "frequency_words": 5_000,
    "cinnamon": 2_500,
    "android_settings": 3_000,
}
"""Texts of a language from a source; other sources give at most `MOST_OTHERS`."""
MOST_OTHERS = 10_000
EVEN = 9_000
"""A label of more texts than this has fewer of them drawn."""
TARGETS = {"ar", "de", "en", "es", "fr", "it", "ja", "ko", "pt", "ru", "tr", "zh-hans"}
"""Labels of which more are drawn."""

RENAMED = {
    "no": "nb", "in": "id", "iw": "he", "ji": "yi", "fil": "tl", "zh-cn": "zh-hans", "zh-tw": "zh-hant",
    "zh-hk": "zh-hant", "zh": "zh-hans", "pt-br": "pt", "pt-rbr": "pt", "zh-rtw": "zh-hant", "en-gb": "en",
    "sr@latin": "sr-latn", "sr-latn": "sr-latn", "srp-latn": "sr-latn", "srp-cyrl": "sr", "aze-latn": "az",
    "prs": "fa", "mey": "ar", "shi": "shi", "leb": "ar", "tgk-cyrl": "tg", "ckb-arab": "ckb", "snd-arab": "sd",
    "sna-latn": "sn", "zho-cn": "zh-hans", "zho-tw": "zh-hant", "por-br": "pt", "spa-mx": "es", "fra-ca": "fr",
    "eng-gb": "en", "eng-us": "en", "eng-in": "en", "kk-cyrl": "kk", "ku-latn": "ku", "be-tarask": "be", "be+x+old": "be",
    "b+kk+cyrl": "kk", "b+sr+latn": "sr-latn", "b+tg+cyrl": "tg", "b+tt+cyrl": "tt", "b+be+x+old": "be", "hmn": "hmn",
    "de-ch": "de", "zlm": "ms", "pt-pt": "pt", "ca@valencia": "ca", "mo": "ro", "cmn": "zh-hans", "cnr": "sr",
    "fr-ca": "fr", "en-ca": "en", "en-au": "en", "en-ie": "en", "en-nz": "en", "en-za": "en", "bn-in": "bn",
    "es-ar": "es", "nqo": "nqo", "rm-sursilv": "rm", "rm-vallader": "rm", "quc": "quc", "skr-arab": "skr", "sh": "bs",
}  # fmt: skip
LEFT_OUT = {
    "hak", "hsn", "cjy", "gan", "nan", "und", "ze-en", "ze-zh", "b+isv+latn", "rue", "en@shaw", "be@latin", "uz@cyrillic", "tlh", "mul",
    "sr@ijekavian", "sr@ijekavianlatin", "gsw-be", "gsw-zh", "tbl", "taj", "qq", "cu",
}  # fmt: skip
BIBLES = {
    "Achuar": "acu", "Aguaruna": "agr", "Akawaio": "ake", "Amuzgo": "amu", "Ashaninka": "cni", "Aukan": "djk",
    "Barasana": "bsn", "Basque": "eu", "Cabecar": "cjp", "Cakchiquel": "cak", "Camsa": "kbh", "Chamorro": "cha",
    "Dinka": "dip", "Estonian": "et", "Ewe": "ewe", "Gaelic": "gd", "Galela": "gbi", "Gujarati": "gu",
    "Kabyle": "kab", "Latvian": "lv", "Lukpa": "dop", "Mam": "mam", "Manx": "gv", "Nahuatl": "nhg", "Shuar": "jiv",
    "Swahili": "sw", "Ukranian": "uk", "Uma": "ppk", "Wolaytta": "wal", "Wolof": "wo", "Zulu": "zu",
    "Cherokee": "chr", "Armenian": "hy", "Romani": "rmn", "K'iche'": "quc",
}  # fmt: skip


def iso_tables() -> dict[str, str]:
    """Three letters to two, as the engine has them."""
    source = (ROOT / "rust/language/src/iso639.rs").read_text()
    return dict(re.findall(r'\("(\w{3})", "(\w{2})"\)', source))


def labels_of(iso: dict[str, str]) -> Callable[[str], str | None]:
    def label(code: str) -> str | None:
        code = code.lower().replace("_", "-")
        code = RENAMED.get(code, code)
        if code in LEFT_OUT:
            return None
        if code == "als":  # the ISO code of an Albanian language
            return "sq"
        code = iso.get(code, code)
        return RENAMED.get(code, code)

    return label


def of_common_voice(folder: Path) -> Rows:
    for line in zstd_lines(folder / "lid_train/common_voice.tsv.zst"):
        label, _, text = line.split("\t", 2)
        yield label, text


def of_udhr(folder: Path) -> Rows:
    for line in zstd_lines(folder / "lid_train/udhr.tsv.zst"):
        label, _, text = line.split("\t", 2)
        yield label, text


def learnt_from(document: str) -> bool:
    """Of documents of the corpus seven of ten; the others measure."""
    return zlib.crc32(document.encode()) % 10 < 7


def of_corpus(folder: Path) -> Rows:
    """Sentences and lines of whole documents; dialogue of novels and plays first, for they read as people talk."""
    for path in sorted((folder / "corpus").glob("*.jsonl.zst")):
        label = path.name.split(".")[0]
        told: list[tuple[str, str]] = []
        rest: list[tuple[str, str]] = []
        for line in zstd_lines(path):
            document = json.loads(line)
            if not learnt_from(document["id"]):
                continue
            stories = re.search(r"ELTeC|dracor|RusLit", document["source"]) is not None
            pieces = [piece for row in document["text"].split("\n") for piece in sentences(row)]
            kept = keyed(pieces, document["id"])[: 60 if stories else 12]
            (told if stories else rest).extend((label, piece) for piece in kept if prose(piece))
        most = MOST["corpus"] // 2
        yield from keyed(told, "told")[:most]
        yield from keyed(rest, "rest")[: MOST["corpus"] - min(most, len(told))]


def of_ntrex(folder: Path) -> Rows:
    for path in sorted(folder.glob("**/newstest2019-*.txt")):
        code = path.name.removesuffix(".txt").split(".", 1)[1]
        for text in path.read_text(encoding="utf-8").splitlines():
            yield code, text


def of_frequency_words(folder: Path) -> Rows:
    """Words of film subtitles in the shares that people use them: texts of a few words each, drawn by a seeded rule."""
    for path in sorted(folder.glob("content/2018/*/*_50k.txt")) + only_2016(folder):
        code = path.name.removesuffix("_50k.txt")
        words, weights = [], []
        for line in path.read_text(encoding="utf-8").splitlines()[:30_000]:
            word, _, count = line.rpartition(" ")
            if word and int(count) > 2:
                words.append(word)
                weights.append(int(count) ** 0.75)
        draw = random.Random(code)  # noqa: S311
        joint = "" if code.startswith(("zh", "ja", "th")) else " "
        for _ in range(MOST["frequency_words"]):
            yield code, joint.join(draw.choices(words, weights, k=draw.randint(2, 12)))


def only_2016(folder: Path) -> list[Path]:
    newer = {path.name for path in folder.glob("content/2018/*/*_50k.txt")}
    return [
        path for path in sorted(folder.glob("content/2016/*/*_50k.txt")) if path.name not in newer
    ]


def of_leipzig(folder: Path) -> Rows:
    for path in sorted(folder.glob("language-models/*/testdata/sentences.txt")):
        for text in path.read_text(encoding="utf-8").splitlines():
            yield path.parts[-3], text


def of_bible(folder: Path) -> Rows:
    for path in sorted(folder.glob("bibles/*.xml")):
        code = BIBLES.get(path.stem.split("-")[0])
        if code:
            verses = ET.parse(path).getroot().iter("seg")  # noqa: S314
            for verse in keyed([v.text.strip() for v in verses if v.text], path.stem)[:2_500]:
                yield code, verse


def of_treebanks(folder: Path) -> Rows:
    for path in sorted(folder.glob("UD_*/*.conllu")):
        code = "nn" if "nynorsk" in path.name else path.name.split("_")[0]
        code = "zh-hant" if path.name.startswith("zh_hk") else code
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("# text = "):
                yield code, line.removeprefix("# text = ")


def of_xcopa(folder: Path) -> Rows:
    for path in sorted(folder.glob("data/*/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            for key in ("premise", "choice1", "choice2"):
                yield path.parts[-2], row[key]


def of_mgsm(folder: Path) -> Rows:
    for path in sorted(folder.glob("mgsm/*.tsv")):
        for text, _ in csv.reader(
            io.StringIO(path.read_text(encoding="utf-8")), delimiter="\t", quoting=3
        ):
            for sentence in sentences(text):
                yield path.stem.split("_")[1], sentence


def of_intents(folder: Path) -> Rows:
    """What people say to their home, from the sentences of its tests."""
    for path in sorted(folder.glob("tests/*/*.yaml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            found = re.fullmatch(r"\s+- ['\"]?([^:{}\[\]<>]+?)['\"]?", line)
            if found:
                yield path.parts[-2], found[1]


def of_cinnamon(folder: Path) -> Rows:
    for path in sorted(folder.glob("po-export/*/*.po")):
        code = path.stem.removeprefix(path.parts[-2] + "-")
        for _, text in messages(path.read_text(encoding="utf-8", errors="replace")):
            yield code, text


def messages(text: str) -> Rows:
    """(message, translation) of a gettext file, where they differ."""
    for entry in re.split(r"\n\s*\n", text):
        found = re.search(r"^msgid (.*?)^msgstr(?:\[0\])? (.*)", entry, re.DOTALL | re.MULTILINE)
        if found and "fuzzy" not in entry:
            left, right = (
                "".join(re.findall(r'^[^"\n]*"(.*)"$', part, re.MULTILINE))
                for part in found.groups()
            )
            if right and right != left:
                yield left, re.sub(r"\\[nt\"]|[_&]|%\d?\$?[a-z]|<[^>]*>|\{[^}]*\}", " ", right)


def of_wikipedia_app(folder: Path) -> Rows:
    for path in sorted(folder.glob("**/res/values-*/strings.xml")):
        code = path.parts[-2].removeprefix("values-")
        for entry in ET.parse(path).getroot().iter("string"):  # noqa: S314
            yield code, re.sub(r"\\['\"nu@]|%\d?\$?[a-z]", " ", "".join(entry.itertext()))


def of_android_settings(folder: Path) -> Rows:
    """Messages of the settings of Android, the same in 85 languages; those of a sentence's length."""
    for path in sorted(folder.glob("res/values-*/strings.xml")):
        code = path.parts[-2].removeprefix("values-")
        if code.startswith("mcc") or code == "en-rXC" or code.endswith("-nokeys"):
            continue
        code = re.sub("-r(?=[A-Z])", "-", code) if code.startswith("zh") else code.split("-r")[0]
        for entry in ET.parse(path).getroot().iter("string"):  # noqa: S314
            text = re.sub(
                r"\\(u\w{4}|[n'\"@])|%\d?\$?[a-z]|<[^>]*>|\"", " ", "".join(entry.itertext())
            )
            if len(text) > 20:
                yield code, text


def of_openstreetmap(folder: Path) -> Rows:
    for path in sorted(folder.glob("config/locales/*.yml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            found = re.fullmatch(r"\s+\w+: ['\"]?(.{12,})['\"]?", line)
            if found:
                yield path.stem, re.sub(r"%\{\w+\}|<[^>]*>|\\n", " ", found[1])


def of_seed(folder: Path) -> Rows:
    """Sentences of Wikipedia in two ways of speaking Arabic; its other languages are not asked for."""
    for code in ("arz", "ary"):
        for text in (folder / f"seed/{code}_Arab").read_text(encoding="utf-8").splitlines():
            yield code, text


def of_noise(_folder: Path) -> Rows:
    """What is no language: keys, addresses, dumps, letters at random, text read in a wrong encoding."""
    draw = random.Random("noise")  # noqa: S311
    letters = "abcdefghijklmnopqrstuvwxyz"
    kinds: list[Callable[[], str]] = [
        lambda: base64.b64encode(draw.randbytes(draw.randint(12, 90))).decode(),
        lambda: draw.randbytes(draw.randint(8, 60)).hex(),
        lambda: " ".join(
            "".join(draw.choices(letters, k=draw.randint(2, 11)))
            for _ in range(draw.randint(2, 14))
        ),
        lambda: "".join(
            draw.choices(letters + letters.upper() + "0123456789 +/=-_", k=draw.randint(20, 120))
        ),
        lambda: " ".join(
            draw.choice("xzqjvw") * draw.randint(1, 7) for _ in range(draw.randint(2, 12))
        ),
        lambda: "".join(
            chr(draw.choice((0xC0, 0x400, 0x600)) + draw.randint(0, 63)) for _ in range(40)
        ),
    ]
    for _number in range(900):
        for kind in kinds:
            yield "zxx", kind()


SOURCES: dict[str, Callable[[Path], Rows]] = {
    "common_voice": of_common_voice,
    "udhr": of_udhr,
    "corpus": of_corpus,
    "ntrex": of_ntrex,
    "frequency_words": of_frequency_words,
    "leipzig": of_leipzig,
    "bible": of_bible,
    "treebanks": of_treebanks,
    "xcopa": of_xcopa,
    "mgsm": of_mgsm,
    "intents": of_intents,
    "cinnamon": of_cinnamon,
    "wikipedia_app": of_wikipedia_app,
    "android_settings": of_android_settings,
    "openstreetmap": of_openstreetmap,
    "seed": of_seed,
    "noise": of_noise,
}


def zstd_lines(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file)
        for line in io.TextIOWrapper(stream, encoding="utf-8", newline="\n"):
            yield line.removesuffix("\n")


def keyed(items: list[Item], salt: str) -> list[Item]:
    """The items in an order that depends on them alone."""
    return sorted(
        items, key=lambda item: hashlib.blake2b(f"{salt}\t{item}".encode(), digest_size=8).digest()
    )


def sentences(text: str) -> list[str]:
    parts = re.split(r"(?<=[.!?…؟。！？])\s+|(?<=[。！？])", text)
    return [part.strip() for part in parts if part and part.strip()]


def prose(text: str) -> bool:
    """More letters than anything else, and not a single word."""
    letters = sum(c.isalpha() or unicodedata.category(c).startswith("M") for c in text)
    return letters >= 0.65 * len(text) and (len(text.split()) > 2 or letters > 8)


def compared(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def script(text: str) -> str:
    """The script of most letters, by the first word of their names."""
    found = Counter(
        unicodedata.name(c, "?").split()[0].split("-")[0] for c in text[:60] if c.isalpha()
    )
    return found.most_common(1)[0][0] if found else ""


def clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())[:LONGEST]


SERBIAN = dict(
    zip(
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "đ",
            "e",
            "ž",
            "z",
            "i",
            "j",
            "k",
            "l",
            "lj",
            "m",
            "n",
            "nj",
            "o",
            "p",
            "r",
            "s",
            "t",
            "ć",
            "u",
            "f",
            "h",
            "c",
            "č",
            "dž",
            "š",
        ],
        strict=True,
    )
)
UZBEK = [
    ("sh", "ш"), ("ch", "ч"), ("yo'", "йў"), ("yo", "ё"), ("yu", "ю"), ("ya", "я"), ("o'", "ў"), ("g'", "ғ"), ("ye", "е"),
    *zip("abdefghijklmnopqrstuvxyz'", "абдефгҳижклмнопқрстувхйзъ", strict=True),
]  # fmt: skip


def in_other_script(label: str, text: str) -> tuple[str, str] | None:
    """Serbian in Latin letters and Uzbek in Cyrillic, which few sources have: letter for letter, in lower case."""
    low = text.lower()
    if label == "sr":
        return "sr-latn", "".join(SERBIAN.get(c, c) for c in low)
    if label == "uz" and "LATIN" in script(low):
        low = re.sub("[‘’ʻʼ`]", "'", low)
        low = re.sub(r"(?<![a-z'])e", "э", low)
        for latin, cyrillic in UZBEK:
            low = low.replace(latin, cyrillic)
        return "uz", low
    return None


def rows_of(options: argparse.Namespace) -> dict[tuple[str, str], list[str]]:
    label_of = labels_of(iso_tables())
    excluded: set[str] = set()
    for path in options.exclude:
        lines = path.read_text(encoding="utf-8").splitlines()
        excluded.update(compared(line.rsplit("\t", 1)[-1]) for line in lines)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for source, read in SOURCES.items():
        folder = getattr(options, source)
        if folder is None and source != "noise":
            continue
        for code, raw in read(folder or Path()):
            label, text = label_of(code), clean(raw)
            key = compared(text)
            known = (label, key) in seen or key in excluded
            if not label or not key or known or len(text.encode()) < SHORTEST:
                continue
            seen.add((label, key))
            found[label, source].append(text)
            other = in_other_script(label, text)
            if other:
                found[other[0], f"{source}_rewritten"].append(other[1])
    return found


def of_their_scripts(found: dict[tuple[str, str], list[str]]) -> Iterator[tuple[str, str, str]]:
    """Rows whose script is one that their language is written in: with at least a fifth of a source's texts."""
    for (label, source), texts in sorted(found.items()):
        kept = keyed(texts, label)[: MOST.get(source, MOST_OTHERS)]
        if source == "noise":
            yield from ((label, source, text) for text in kept)
            continue
        scripts = Counter(script(text) for text in kept)
        common = {name for name, n in scripts.items() if name and n >= 0.2 * len(kept)}
        if label == "ja":
            common |= {"CJK", "HIRAGANA", "KATAKANA"}
        yield from ((label, source, text) for text in kept if script(text) in common)


def write(path: Path, rows: Iterable[tuple[str, str, str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    with path.open("w", encoding="utf-8") as file:
        for label, source, text in rows:
            counts[label] += 1
            file.write(f"{label}\t{source}\t{text}\n")
    return counts


def evened(rows: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Fewer of what there is much of, by a seeded draw."""
    draw = random.Random(1)  # noqa: S311
    counts = Counter(label for label, _, _ in rows)
    for label, source, text in rows:
        share = (EVEN / counts[label]) ** 0.7 * (1.4 if label in TARGETS else 1.0)
        if draw.random() < share * (0.5 if label == "yue" else 1.0):
            yield label, source, text


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in SOURCES:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, metavar="FOLDER")
    parser.add_argument("--exclude", type=Path, nargs="*", default=[], metavar="TSV")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, help="A third of the Leipzig sentences.")
    options = parser.parse_args()
    rows = list(of_their_scripts(rows_of(options)))
    if options.held_out:
        held = set(keyed(sorted({r for r in rows if r[1] == "leipzig"}), "held")[::3])
        write(options.held_out, sorted(held))
        rows = [row for row in rows if row not in held]
    counts = write(options.output, evened(rows))
    print(f"{counts.total()} texts, {len(counts)} labels")


if __name__ == "__main__":
    main()
