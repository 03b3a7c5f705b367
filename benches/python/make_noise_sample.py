"""Make `tests/golden/noise/sample.jsonl`: clean passages and the same ones broken, a record each.

    python benches/python/make_noise_sample.py common_voice.tsv > tests/golden/noise/sample.jsonl

The sentences are Common Voice's (CC0 1.0): a file of label, file and sentence, tab-separated.
"""

from __future__ import annotations

import base64
import json
import random
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

LANGUAGES = ("ar", "cs", "de", "en", "es", "fr", "it", "ko", "pl", "pt", "ru", "tr", "uk", "vi")
UNSPACED = ("zh-hans", "ja")
SENTENCES = 6
LOREM = (
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, "
    "sed do eiusmod tempor incididunt ut labore."
)
BANNER = (
    "We use cookies to improve this site and to show advertisements\n"
    "Manage preferences\nReject all\nAccept all"
)


def shuffled(text: str, dice: random.Random) -> str:
    """The same words in another order."""
    words = text.split()
    dice.shuffle(words)
    return " ".join(words)


def holed(text: str, dice: random.Random) -> str:
    """One letter of eight lost."""
    return "".join("\ufffd" if c.isalpha() and dice.random() < 0.125 else c for c in text)


def key_words(text: str, dice: random.Random) -> str:
    """Words of the text between commas, as search engines were once fed."""
    words = [word.strip(".,!?") for word in text.split()]
    return ", ".join(f"{dice.choice(words)} {dice.choice(words)} online" for _ in range(40))


BREAKS: dict[str, Callable[[str, random.Random], str]] = {
    "word_salad": shuffled,
    "replacement_chars": holed,
    "seo_keywords": key_words,
    "reversed": lambda text, _: text[::-1],
    "repeated_ngrams": lambda text, _: " ".join(text.split()[:4] * 30),
    "spaced_letters": lambda text, _: " ".join(text),
    "mojibake_utf8_as_latin1": lambda text, _: text.encode().decode("latin-1"),
}


def records(passages: dict[str, list[str]], dice: random.Random) -> Iterator[dict[str, str]]:
    """The records, each with its kind and language."""
    for lang, clean in passages.items():
        for text in clean:
            yield {"kind": "clean", "lang": lang, "text": text}
        for kind, broken in BREAKS.items():
            if lang in ("zh", "ja") and kind in ("word_salad", "seo_keywords", "repeated_ngrams"):
                continue
            if lang == "en" and kind.startswith("mojibake"):
                continue
            yield {"kind": kind, "lang": lang, "text": broken(clean[0], dice)}
    english = passages["en"][0]
    yield {"kind": "all_caps", "lang": "en", "text": english.upper()}
    yield {"kind": "base64", "lang": "en", "text": base64.b64encode(dice.randbytes(600)).decode()}
    table = "\n".join("\t".join(f"{dice.random() * 99:.2f}" for _ in range(6)) for _ in range(20))
    yield {"kind": "number_table", "lang": "en", "text": table}
    urls = "\n".join(f"https://example.org/{dice.randrange(10**6)}.html" for _ in range(20))
    yield {"kind": "urls_list", "lang": "en", "text": urls}
    yield {"kind": "lorem_ipsum", "lang": "en", "text": LOREM}
    yield {"kind": "cookie_banner", "lang": "en", "text": BANNER}


def main() -> None:
    """Read the sentences, write the records."""
    dice = random.Random(6)  # noqa: S311
    sentences: dict[str, list[str]] = {label: [] for label in (*LANGUAGES, *UNSPACED)}
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        label, _, sentence = unicodedata.normalize("NFC", line).split("\t", 2)
        if label in sentences and len(sentence) * (2 if label in UNSPACED else 1) >= 40:
            sentences[label].append(sentence)
    passages = {}
    for label, found in sentences.items():
        picked = dice.sample(found, 2 * SENTENCES)
        join = "" if label in UNSPACED else " "
        halves = (picked[:SENTENCES], picked[SENTENCES:])
        passages[label.removesuffix("-hans")] = [join.join(half) for half in halves]
    for record in records(passages, dice):
        print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    main()
