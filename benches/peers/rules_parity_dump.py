"""What datatrove says of every document of the corpus: its words, its sentences, the verdict of each filter.

    python rules_parity_dump.py --corpus CORPUS --bad-words FOLDER --out DIR [--langs en ru] [--slices 16 --slice 0 1 2]
    python rules_parity_dump.py --again tests/golden/datatrove --bad-words tests/golden/datatrove/words --numbers

Needs datatrove 0.10.1 with its word tokenizers (`requirements-pipeline.txt` of the peers, and pyvi and indic-nlp-library
for vi and hi) and zstandard. CORPUS holds corpus/LANG.jsonl.zst and noise/noise.jsonl.zst; FOLDER the word lists of
LDNOOBW, one file a language. Documents are dealt to slices by a hash of their ids, so that any number of slices is a fair
sample; a finished file is not made again. `--again` asks anew about the documents of a folder of JSONL. Each filter is asked alone, and then those of FineWeb in a chain, in which
FineWeb quality sees the text that C4 left. `rules_parity.py` compares and makes the table.
"""

import argparse
import io
import json
import re
import tomllib
from functools import cache
from pathlib import Path

import xxhash
import zstandard
from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4BadWordsFilter,
    C4ParagraphFilter,
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
    c4_filters,
    gopher_repetition_filter,
)
from datatrove.utils.text import split_into_sentences, split_into_words

CODES = {
    "en": "eng_Latn", "ru": "rus_Cyrl", "de": "deu_Latn", "fr": "fra_Latn", "es": "spa_Latn", "it": "ita_Latn",
    "pt": "por_Latn", "zh": "cmn_Hani", "ja": "jpn_Jpan", "ko": "kor_Hang", "ar": "arb_Arab", "tr": "tur_Latn",
    "cs": "ces_Latn", "hi": "hin_Deva", "id": "ind_Latn", "nl": "nld_Latn", "pl": "pol_Latn", "uk": "ukr_Cyrl",
    "vi": "vie_Latn",
}  # fmt: skip
PROFILES = Path(__file__).resolve().parents[2] / "rust" / "quality" / "profiles"
GROUPS = ("gopher_repetition", "fineweb_quality", "gopher_quality")
BAD_WORDS = "ar cs de en es fr hi it ja ko nl pl pt ru th tr zh".split()  # noqa: SIM905


@cache
def documents_of(path):
    """All lines of a compressed file."""
    with path.open("rb") as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        return [json.loads(line) for line in io.TextIOWrapper(stream, "utf-8", newline="\n")]


def documents(corpus, lang, slices, slice_):
    """The documents of one slice of a language, and its noise."""
    noise = [d for d in documents_of(corpus / "noise" / "noise.jsonl.zst") if d["lang"] == lang]
    whole = documents_of(corpus / "corpus" / f"{lang}.jsonl.zst") + noise
    return [d for d in whole if xxhash.xxh3_64_intdigest(d["id"].encode()) % slices == slice_]


def filters(lang, code):
    """{settings: {group: filter}}: datatrove's defaults, and FineWeb2's settings as our profile states them."""
    profile = tomllib.loads((PROFILES / f"{lang}.toml").read_text(encoding="utf-8"))
    repetition, fineweb, quality = (profile[group] for group in GROUPS)
    grams = {
        "top_n_grams": tuple((n, repetition[f"top_{n}_gram"]) for n in range(2, 5)),
        "dup_n_grams": tuple((n, repetition[f"dup_{n}_gram"]) for n in range(5, 11)),
    }
    off = {
        key: repetition.get(key, 0)
        for key in ("dup_para_frac", "dup_para_char_frac", "dup_line_char_frac")
    }
    names = {"min_alpha_words_ratio": "max_non_alpha_words_ratio"}
    return {
        "en": {
            "gopher_repetition": GopherRepetitionFilter(language=code),
            "fineweb_quality": FineWebQualityFilter(language=code),
            "gopher_quality": GopherQualityFilter(language=code),
        },
        lang: {
            "gopher_repetition": GopherRepetitionFilter(
                language=code, dup_line_frac=repetition["dup_line_frac"], **off, **grams
            ),
            "fineweb_quality": FineWebQualityFilter(
                language=code, **{"short_line_thr": 999} | fineweb
            ),
            "gopher_quality": GopherQualityFilter(
                language=code, **{names.get(key, key): value for key, value in quality.items()}
            ),
        },
    }


def verdict(rule, document):
    """The reason, "" for kept, or the error: datatrove divides by zero on some texts, and cannot find Hindi sentences again."""
    try:
        result = rule.filter(document)
    except (ZeroDivisionError, ValueError) as error:
        return type(error).__name__
    return "" if result is True else result[1]


def numerators(text, words):
    """Whole numbers that the repetition filter divides: every one, though the filter stops at the first failure."""
    f = gopher_repetition_filter
    paragraphs, lines = re.split(r"\n{2,}", text.strip()), re.split("\n+", text)
    filled = [line for line in text.split("\n") if line.strip() != ""]
    tops = [
        f.find_top_duplicate(grams) if (grams := f.get_n_grams(words, n)) else None
        for n in range(2, 5)
    ]
    return {
        "paragraphs": [len(paragraphs), *f.find_duplicates(paragraphs)],
        "lines": [len(lines), *f.find_duplicates(lines)],
        "filled": [len(filled), *f.find_duplicates(filled)],
        "top": tops,
        "duplicated": [f.find_all_duplicate(words, n) for n in range(5, 11)],
    }


class Sentences:
    """Stands in for the sentence splitter of the C4 filter and notes how many sentences each line has."""

    def __init__(self):
        self.of_line, self.counts = {}, []

    def __call__(self, line, language):
        if line not in self.of_line:
            self.of_line[line] = split_into_sentences(line, language)
        self.counts.append(len(self.of_line[line]))
        return self.of_line[line]


def c4(text, code, sentences, **settings):
    """What C4 quality says, the sentences of the lines that it counted, and a hash of the text that it leaves."""
    document = Document(text=text, id="")
    sentences.counts = []
    c4_filters.split_into_sentences = sentences
    reason = verdict(C4QualityFilter(language=code, **settings), document)
    left = xxhash.xxh3_64_hexdigest(document.text.encode())
    return document.text, {"reason": reason, "sentences": sentences.counts, "text": left}


def chain(said, edited, c4_reason, code):
    """FineWeb's filters one after the other, and the words of the edited text if the last one is reached."""
    first = [said["en"]["gopher_repetition"], said["en"]["gopher_quality"], c4_reason]
    if reason := next((reason for reason in first if reason), ""):
        return {"reason": reason, "words": None}
    reason = verdict(FineWebQualityFilter(language=code), Document(text=edited, id=""))
    return {"reason": reason, "words": split_into_words(edited, code)}


def record_of(d, rules, bad_words, code, numbers):
    """Everything that is said of one document."""
    text, document = d["text"], Document(text=d["text"], id=d["id"])
    words = split_into_words(text, code)
    said = {s: {g: verdict(rule, document) for g, rule in by.items()} for s, by in rules.items()}
    sentences = Sentences()
    _, strict = c4(text, code, sentences)
    edited, fineweb = c4(text, code, sentences, filter_no_terminal_punct=False)
    record = {
        "id": d["id"],
        "lang": d["lang"],
        "source": d.get("source"),
        "text": text,
        "words": words,
        "said": said,
    }
    record["c4"] = {
        "quality": strict,
        "fineweb": fineweb,
        "paragraph": verdict(C4ParagraphFilter(), document),
    }
    if bad_words is not None:
        record["c4"]["bad_words"] = verdict(bad_words, document)
    record["chain"] = chain(said, edited, fineweb["reason"], code)
    if numbers:
        record["numbers"] = numerators(text, words)
    return record


def bad_words_filter(folder, lang):
    """The filter with the lists of a folder; none for a language without a list."""
    if folder is None or lang not in BAD_WORDS:
        return None
    c4_filters.cached_asset_path_or_download = lambda url, **_: folder / url.rsplit("/", 1)[1]
    return C4BadWordsFilter(default_language=lang)


def dump(args, lang, slice_):
    """Writes one slice of a language; the file appears when it is whole."""
    path = args.out / f"{lang}.{slice_:02}.jsonl.zst"
    if path.exists():
        return
    rules, bad_words = filters(lang, CODES[lang]), bad_words_filter(args.bad_words, lang)
    part = path.with_suffix(".part")
    with part.open("wb") as raw, zstandard.ZstdCompressor(5).stream_writer(raw) as file:
        for d in documents(args.corpus, lang, args.slices, slice_):
            record = record_of(d, rules, bad_words, CODES[lang], args.numbers)
            file.write((json.dumps(record, ensure_ascii=False) + "\n").encode())
    part.rename(path)


def ask_again(args):
    """Writes the records of a folder anew; each line has id, lang, source and text."""
    for path in sorted(args.again.glob("*.jsonl")):
        text = path.read_text(encoding="utf-8")
        records = [json.loads(line) for line in text.split("\n") if line]
        for n, d in enumerate(records):
            lang = d["lang"]
            bad_words = bad_words_filter(args.bad_words, lang)
            records[n] = record_of(
                d, filters(lang, CODES[lang]), bad_words, CODES[lang], args.numbers
            )
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        path.write_text("".join(lines), encoding="utf-8")


def main():
    """Read the options, dump slice after slice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--again", type=Path, help="a folder of JSONL that is written anew")
    parser.add_argument("--bad-words", type=Path, help="folder of LDNOOBW's lists")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--langs", nargs="+", default=list(CODES))
    parser.add_argument("--slices", type=int, default=16)
    parser.add_argument("--slice", type=int, nargs="+", help="default: all of them")
    parser.add_argument(
        "--numbers",
        action="store_true",
        help="also every number that the repetition filter divides",
    )
    args = parser.parse_args()
    if args.again:
        ask_again(args)
        return
    if not (args.corpus and args.out):
        parser.error("--corpus and --out, or --again")
    args.out.mkdir(parents=True, exist_ok=True)
    for slice_ in args.slice or range(args.slices):
        for lang in args.langs:
            dump(args, lang, slice_)


if __name__ == "__main__":
    main()
