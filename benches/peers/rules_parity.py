"""Are our verdicts datatrove's? In steps, since the two tools seldom share an environment.

    python rules_parity.py dump --corpus CORPUS --out DIR    # needs datatrove 0.10.1 and its word tokenizers
    python rules_parity.py compare DIR                       # needs gamayun_data
    python rules_parity.py pick DIR tests/golden/datatrove   # the few that the tests hold

`dump` takes documents of every language, lets datatrove split them into words, and writes for each what its three
filters say, each alone, under datatrove's defaults and under FineWeb2's settings, with the values that the filters
compare. `compare` judges the same texts with the same words and exits with 1 if one verdict or reason differs; then it
prints per language how often the verdict changes when our own segmenter makes the words.
"""

import argparse
import json
import random
import sys
import tomllib
from collections import Counter
from pathlib import Path

CODES = {
    "en": "eng_Latn", "ru": "rus_Cyrl", "de": "deu_Latn", "fr": "fra_Latn", "es": "spa_Latn", "it": "ita_Latn",
    "pt": "por_Latn", "zh": "cmn_Hani", "ja": "jpn_Jpan", "ko": "kor_Hang", "ar": "arb_Arab", "tr": "tur_Latn",
}  # fmt: skip
PROFILES = Path(__file__).resolve().parents[2] / "rust" / "quality" / "profiles"
PERMISSIVE = ("php/doc", "microsoft/IoT", "tensorflow/docs", "open-telemetry/", "COST-ELTeC/", "bundestag/", "dracor-org/",
              "d0rj/", "electron/", "apache/", "github/opensource", "reactjs/", "vuejs-translations/", "rurema/")  # fmt: skip
GROUPS = ("gopher_repetition", "fineweb_quality", "gopher_quality")


def documents(corpus, lang, limit, longest, seed=0):
    """`limit` documents of a language in random order, and all of its noise."""
    import zstandard

    def read(path):
        with zstandard.open(path, "rt", encoding="utf-8", newline="\n") as file:
            return [json.loads(line) for line in file]

    all_of_it = [
        d for d in read(corpus / "corpus" / f"{lang}.jsonl.zst") if len(d["text"]) <= longest
    ]
    random.Random(seed).shuffle(all_of_it)
    noise = [
        d
        for d in read(corpus / "noise" / "noise.jsonl.zst")
        if d["lang"] == lang and len(d["text"]) <= longest
    ]
    random.Random(seed).shuffle(noise)
    return all_of_it[:limit] + noise[: limit // 10]


def filters(lang, code):
    """{settings: {group: filter}}: datatrove's defaults, and FineWeb2's settings as our profile states them."""
    from datatrove.pipeline.filters import (
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
    )

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
    """The reason, "" for kept, or the error: datatrove divides by zero on some texts."""
    try:
        result = rule.filter(document)
    except ZeroDivisionError:
        return "ZeroDivisionError"
    return "" if result is True else result[1]


def numerators(text, words):
    """Whole numbers that the repetition filter divides: every one, though the filter stops at the first failure."""
    import re

    from datatrove.pipeline.filters import gopher_repetition_filter as f

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


def dump(args):
    from datatrove.data import Document
    from datatrove.utils.text import split_into_words

    args.out.mkdir(parents=True, exist_ok=True)
    for lang in args.langs:
        rules = filters(lang, CODES[lang])
        with (args.out / f"{lang}.jsonl").open("w", encoding="utf-8") as file:
            for d in documents(args.corpus, lang, args.limit, args.longest):
                document, words = (
                    Document(text=d["text"], id=d["id"]),
                    split_into_words(d["text"], CODES[lang]),
                )
                said = {
                    s: {g: verdict(rule, document) for g, rule in by.items()}
                    for s, by in rules.items()
                }
                record = {
                    "id": d["id"],
                    "lang": lang,
                    "source": d["source"],
                    "text": d["text"],
                    "words": words,
                }
                record |= {"said": said, "numbers": numerators(d["text"], words)}
                file.write(json.dumps(record, ensure_ascii=False) + "\n")


def kinds(record):
    """What was said of a document, by settings and group."""
    return {(s, g, reason) for s, by in record["said"].items() for g, reason in by.items()}


def pick(args):
    """A few short documents of each language, of sources that may be given on, that fail in different ways."""
    args.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(args.folder.glob("*.jsonl")):
        records = [json.loads(line) for line in path.open(encoding="utf-8")]
        records = [
            r
            for r in records
            if (r["source"] or "").startswith(PERMISSIVE)
            and len(r["text"]) in range(150, args.longest)
        ]
        chosen, seen = [], set()
        while records and len(chosen) < args.count:
            best = max(records, key=lambda r: (first_of(r["said"][path.stem], path.stem) not in seen, len(kinds(r) - seen),
                                               -len(r["text"]), r["id"]))  # fmt: skip
            seen |= kinds(best) | {first_of(best["said"][path.stem], path.stem)}
            records.remove(best)
            chosen.append(best)
        with (args.out / path.name).open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in chosen)


def judged(gd, records, lang, profile, words):
    """Rows of `gamayun_data.judge` as dictionaries."""
    import polars as pl

    rows = gd.judge([r["text"] for r in records], language=lang, profile=profile, words=words)
    return pl.DataFrame(rows).to_dicts()


def compare(args):
    import gamayun_data as gd

    differ = total = 0
    for path in sorted(args.folder.glob("*.jsonl")):
        records = [json.loads(line) for line in path.open(encoding="utf-8")]
        lang, words, seen = path.stem, [r["words"] for r in records], Counter()
        for settings in records[0]["said"]:
            theirs = [first_of(r["said"][settings], settings) for r in records]
            ours = judged(gd, records, lang, settings, words)
            drift = judged(gd, records, lang, settings, None)
            for r, their, our, own in zip(records, theirs, ours, drift, strict=True):
                seen["errors"] += their == "ZeroDivisionError"
                if their != "ZeroDivisionError" and their != (our["reason"] or ""):
                    differ += 1
                    print(
                        f"{r['id']}: {settings}: datatrove {their!r}, ours {our['reason']!r}",
                        file=sys.stderr,
                    )
                seen[settings, "verdict"] += (their == "") == own["kept"]
        total += len(records)
        shares = {
            settings: round(seen[settings, "verdict"] / len(records), 4)
            for settings in records[0]["said"]
        }
        print(
            json.dumps(
                {
                    "lang": lang,
                    "documents": len(records),
                    "errors": seen["errors"],
                    "own_words_agree": shares,
                }
            )
        )
    print(json.dumps({"documents": total, "differ": differ}))
    sys.exit(differ > 0 or total == 0)


def first_of(said, settings):
    """The reason of the first group that drops, in the order of the profile."""
    profile = tomllib.loads((PROFILES / f"{settings}.toml").read_text(encoding="utf-8"))
    return next((said[group] for group in profile["order"] if said[group]), "")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("dump")
    one.add_argument(
        "--corpus", type=Path, required=True, help="folder with corpus/LANG.jsonl.zst and noise/"
    )
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--langs", nargs="+", default=list(CODES))
    one.add_argument(
        "--limit",
        type=int,
        default=900,
        help="documents of each language, and a tenth of it of noise",
    )
    one.add_argument(
        "--longest", type=int, default=8000, help="in characters; datatrove splits 0.1 MB a second"
    )
    one.set_defaults(run=dump)
    small = commands.add_parser("pick")
    small.add_argument("folder", type=Path, help="what dump wrote")
    small.add_argument("out", type=Path)
    small.add_argument("--count", type=int, default=7, help="documents of each language at most")
    small.add_argument("--longest", type=int, default=1200, help="in characters")
    small.set_defaults(run=pick)
    two = commands.add_parser("compare")
    two.add_argument("folder", type=Path)
    two.set_defaults(run=compare)
    options = parser.parse_args()
    options.run(options)
