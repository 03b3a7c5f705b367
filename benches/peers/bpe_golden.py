"""Write the golden cases of rust/bpe with HF tokenizers as the oracle: tests/golden/bpe/{text,merges,encode}.json.

    python benches/peers/bpe_golden.py CORPUS

CORPUS is a folder of LANG.jsonl.zst files with `text` and `source`; only one source, which is under the MIT licence, is
quoted. Needs tokenizers==0.23.3 and zstandard. Run once; the results are committed.
"""

import argparse
import json
import random
from pathlib import Path

import zstandard
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden" / "bpe"
SOURCE = "microsoft/IoT-For-Beginners"
LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "pt", "ru", "tr", "zh")
BYTES = 4_000
VOCAB = 900

CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"


RUN, SINGLE, THREES = r"\p{N}+", r"\p{N}", r"\p{N}{1,3}"
RIGHT = r"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))"


def gpt2(digits: str) -> str:
    return rf"{CONTRACTIONS}| ?\p{{L}}+| ?{digits}| ?[^\s\p{{L}}\p{{N}}]+|\s+(?!\S)|\s+"


def uncased(digits: str) -> str:
    return (
        rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{digits}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )


def cased(suffix: str, digits: str) -> str:
    return (
        rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{suffix}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{suffix}"
        rf"|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )


SUFFIX = f"(?i:{CONTRACTIONS})?"
PATTERNS = {
    "gamayun": cased("", THREES),
    "gpt2": gpt2(RUN),
    "cl100k": uncased(THREES),
    "o200k": cased(SUFFIX, THREES),
    "tekken": cased("", SINGLE),
    "qwen": uncased(SINGLE),
    "gamayun-right": cased("", RIGHT),
    "gamayun-run": cased("", RUN),
    "gpt2-single": gpt2(SINGLE),
    "gpt2-threes": gpt2(THREES),
    "gpt2-right": gpt2(RIGHT),
    "cl100k-right": uncased(RIGHT),
    "cl100k-run": uncased(RUN),
    "o200k-single": cased(SUFFIX, SINGLE),
    "o200k-right": cased(SUFFIX, RIGHT),
    "o200k-run": cased(SUFFIX, RUN),
}

EDGES = [
    "", " ", "   ", "\t\t x", "a\r\nb\r\n\r\nc", "a\n\n\n  b\n \n c", "word   ", "a\u00a0\u00a0b", "你\u3000\u3000好",
    "a\u0085b", "a\u2028b\u2029c", "a\x0b\x0cb", "a\x00b", "\ufeffabc", "a\u180eb", "it'\u017f IT'S we'RE", "\u212a'm",
    "I'll I'LL 'tis don't DON'T 's 'S", "x'", " ' s 't", "l\u2019été Ankara\u2019da Ankara'da", "e\u0301a\u0308 n\u0303",
    "\u0301\u0302\u0303A\u0301B\u0301c", "!\u0301!!\u0301x", "كَتَبَ مُحَمَّد", "٠١٢٣٤٥٦٧٨٩ ۱۲۳", "x²³¹ ½ Ⅷ ⅷ ①②③④", "1234567890 12 3456",
    "ภาษาไทย", "हिन्दी क्षत्रिय", "\u1112\u1161\u11ab 한글", "👨‍👩‍👧‍👦 🏳️‍🌈 🇷🇺🇩🇪 👍🏽", "1️⃣ #️⃣", "𝒳𝓎 𠮷野家 🜁", "İstanbul IŞIK ı i",
    "co\u00adop", "a\u200bb\u200c\u200d", "\u202eabc\u202c", "\ue000\uf8ff", "\ufffe\uffff", "\u0378\U000e0fff", "\U00010d4a\ua7dc",
    "<|endoftext|> x", "\tif (x) {\n\t\treturn;\n\t}\n", "a/b //c\n/\r/ d", "https://a.b/c?d=e&f=%20", "...!?\r\n\r\n—«»„“",
    "Ёлка — это «да»", "ǅ ǆ Ǆ ﬁ", "STRASSE ẞ ß", "HTMLParser camelCaseWord XMLHttpRequest IPs", "a" * 70, " " * 70 + "x", "的" * 40,
    "=" * 70 + "\n", "7" * 71, "\n" * 70 + "x", "12345 x1234567y  89 1 23 456 7890,12 ½¾⅓¼1",
]  # fmt: skip


def read(path: Path) -> str:
    """About BYTES bytes of the source's documents, whole paragraphs."""
    text = ""
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            if document["source"] == SOURCE:
                text += document["text"].rpartition("-->\n")[2] + "\n"
            if len(text.encode()) > BYTES:
                break
    return text.encode()[:BYTES].decode(errors="ignore").rpartition("\n")[0]


def tokenizer(split: str) -> Tokenizer:
    made = Tokenizer(models.BPE())
    if split == "gpt2":
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        made.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(PATTERNS[split]), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    return made


def train(split: str, texts: list[str], **settings: object) -> Tokenizer:
    made = tokenizer(split)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    settings = {
        "special_tokens": ["<|endoftext|>"],
        "vocab_size": VOCAB,
        "min_frequency": 2,
        **settings,
    }
    made.train_from_iterator(
        texts, trainers.BpeTrainer(initial_alphabet=alphabet, show_progress=False, **settings)
    )
    return made


def merges(made: Tokenizer) -> list[str]:
    return [" ".join(merge) for merge in json.loads(made.to_str())["model"]["merges"]]


def write(name: str, value: object) -> None:
    with (GOLDEN / name).open("w", encoding="utf-8", newline="\n") as file:
        json.dump(value, file, ensure_ascii=False, indent=0)
        file.write("\n")


def quirks() -> list[dict[str, object]]:
    """Small corpora on which trainers differ: ties, runs of one character, special tokens that look like text."""
    rng = random.Random(5)
    cases = []
    for number, letters in enumerate(["ab", "aab", "abc", "ия", "日本", "a ", "aé"] * 3):
        texts = ["".join(rng.choice(letters) for _ in range(rng.randint(1, 60))) for _ in range(12)]
        settings = {
            "special_tokens": [["<|endoftext|>"], [], ["ab", "a", "Ð¸"]][number % 3],
            "vocab_size": 256 + [6, 40, 400][number // 7],
            "min_frequency": number % 4,
        }
        if number % 5 == 4:
            settings["max_token_length"] = 2 + number % 4
        made = train("cl100k", texts, **settings)
        cases.append(
            {
                "texts": texts,
                **settings,
                "merges": merges(made),
                "vocab_size_made": made.get_vocab_size(),
            }
        )
    return cases


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    arguments = parser.parse_args()
    texts = {language: read(arguments.corpus / f"{language}.jsonl.zst") for language in LANGUAGES}
    made = {split: train(split, list(texts.values())) for split in PATTERNS}
    write("text.json", {"source": f"github.com/{SOURCE} (MIT)", "texts": texts})
    write("merges.json", {split: merges(trained) for split, trained in made.items()})
    for trained in made.values():
        trained.encode_special_tokens = True
    ids = {split: [trained.encode(text).ids for text in EDGES] for split, trained in made.items()}
    documents = {
        split: [len(trained.encode(text).ids) for text in texts.values()]
        for split, trained in made.items()
    }
    write("encode.json", {"texts": EDGES, "ids": ids, "document_tokens": documents})
    write("quirks.json", quirks())


if __name__ == "__main__":
    main()
