"""Are our verdicts datatrove's? In steps, since the two tools seldom share an environment.

    python rules_parity_dump.py --corpus CORPUS --bad-words LISTS --out DIR   # needs datatrove 0.10.1
    python rules_parity.py table DIR --bad-words LISTS -o docs/parity.md      # needs cargo and zstandard
    python rules_parity.py pick DIR tests/golden/datatrove                    # the few that the tests hold

`table` lets the example `parity` of the crate judge the same texts, with datatrove's words and sentences and with ours,
and writes a page: agreement by filter, by reason and by language. It exits with 1 if one verdict, reason or edited text
differs on the same words and sentences, or if a language agrees on fewer than 97 % of the verdicts with our own.
"""

import argparse
import io
import json
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import zstandard

ROOT = Path(__file__).resolve().parents[2]
PERMISSIVE = ("php/doc", "microsoft/IoT", "tensorflow/docs", "open-telemetry/", "COST-ELTeC/", "bundestag/", "dracor-org/",
              "d0rj/", "electron/", "apache/", "github/opensource", "reactjs/", "vuejs-translations/", "rurema/")  # fmt: skip
BAR = 0.97
HEAD = """# Parity with datatrove

Do our rules decide what `datatrove` {version} decides? This page is made by `make parity`
(`benches/peers/rules_parity_dump.py`, then `rules_parity.py table`): {documents} documents, {noise} of them of the noise
set, in {languages} languages. In the filters' defaults and, but for English, in FineWeb2's settings of the language.

Documents are dealt to sixteenths by a hash of their ids, so the sixteenths that were asked are a fair sample of the corpus.

"Agree" counts documents whose reason is the same string, or that both keep. {undefined} verdicts are left out, where `datatrove`
fails: it divides by zero, or does not find the sentences of a Hindi text again.

## The same words and sentences

`datatrove`'s words and sentences given to our rules: {differ} of {asked} verdicts and edited texts differ.
C4 quality is asked in its own form and in FineWeb's, without the rule of terminal punctuation; the text that it leaves must
be equal byte by byte. The chain is FineWeb's: Gopher repetition, Gopher quality, C4 quality, FineWeb quality on what C4 left.

| filter | reason there | documents | agree |
|---|---|---|---|
{reasons}

## Our own words and sentences

The same documents cut by our own segmenters, which imitate spaCy's rules and replace jieba, SudachiPy and Kiwi, and our
own count of sentences. *FineWeb* is the chain of English FineWeb with its thresholds, which suit English alone; *FineWeb2*
the three filters with the settings of the language.

| language | documents | words there | words here | FineWeb: verdict | reason | FineWeb2: verdict | reason |
|---|---|---|---|---|---|---|---|
{languages_table}

By reason, all languages together; a document counts under the reason that `datatrove` gives:

| settings | reason there | documents | same verdict | same reason |
|---|---|---|---|---|
{own_reasons}
"""


def lines_of(path):
    """The records of a dumped file."""
    with path.open("rb") as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw)
        yield from io.TextIOWrapper(stream, "utf-8", newline="\n")


def languages_of(folder):
    """{language: its finished files}."""
    files = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl.zst")):
        files[path.name.split(".")[0]].append(path)
    return files


def compare(binary, files, bad_words):
    """What the example says of all files of a language, and how many records are noise."""
    arguments = [str(binary)] + ([str(bad_words)] if bad_words and bad_words.exists() else [])
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")  # fmt: skip
    noise = 0
    for path in files:
        for line in lines_of(path):
            noise += line.startswith('{"id": "noise-')
            process.stdin.write(line)
    process.stdin.close()
    said = json.loads(process.stdout.read())
    if process.wait() != 0:
        sys.exit(f"{binary} failed on {files[0]}")
    return said | {"noise": noise}


def share(part, whole):
    """A share in per cent that says 100 only where all of it is meant."""
    if whole == 0:
        return "–"
    return "100 %" if part == whole else f"{min(100 * part / whole, 99.99):.2f} %"


def reason_rows(said):
    """Rows of the first table: filters and reasons, summed over languages and settings."""
    sums = defaultdict(Counter)
    for language in said.values():
        for name, reason, documents, _, same in language["given"]:
            filter_, _, settings = name.partition("/")
            settings = {"": "", "en": " (defaults)"}.get(settings, " (FineWeb2)")
            sums[filter_ + settings, reason] += Counter(documents=documents, same=same)
    return [
        f"| {name} | {reason or '*kept*'} | {c['documents']} | {share(c['same'], c['documents'])} |"
        for (name, reason), c in sorted(sums.items())
    ]


def totals(rows, settings):
    """(documents, same verdict, same reason) under some settings."""
    chosen = [row for row in rows if row[0] == settings]
    return [sum(row[n] for row in chosen) for n in (2, 3, 4)]


def language_row(name, language):
    """One row of the table of languages."""
    cells = [name, language["documents"], language["words_there"], language["words_here"]]
    for settings in ("fineweb", "fineweb2"):
        documents, verdict, reason = totals(language["own"], settings)
        cells += [share(verdict, documents), share(reason, documents)]
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def own_reason_rows(said):
    """Rows of the last table."""
    sums = defaultdict(Counter)
    for language in said.values():
        for settings, reason, documents, verdict, same in language["own"]:
            counts = Counter(documents=documents, verdict=verdict, same=same)
            sums[settings, reason] += counts
    names = {"fineweb": "FineWeb", "fineweb2": "FineWeb2"}
    return [
        f"| {names[settings]} | {reason or '*kept*'} | {c['documents']} | {share(c['verdict'], c['documents'])} |"
        f" {share(c['same'], c['documents'])} |"
        for (settings, reason), c in sorted(sums.items())
    ]


def page(said, version):
    """The page as Markdown."""
    total = {key: sum(one[key] for one in said.values()) for key in ("documents", "noise", "undefined")}  # fmt: skip
    return HEAD.format(
        version=version,
        **total,
        languages=len(said),
        differ=sum(len(one["differences"]) for one in said.values()),
        asked=sum(row[2] for one in said.values() for row in one["given"]),
        reasons="\n".join(reason_rows(said)),
        languages_table="\n".join(language_row(name, one) for name, one in said.items()),
        own_reasons="\n".join(own_reason_rows(said)),
    )


def below_the_bar(said):
    """Languages and settings that agree on too few verdicts with our own words."""
    for name, one in said.items():
        for settings in ("fineweb", "fineweb2"):
            documents, verdict, _ = totals(one["own"], settings)
            if verdict < BAR * documents:
                yield f"{name}: {settings}: {share(verdict, documents)} of the verdicts agree"


def table(args):
    """Compare, write the page, say what differs."""
    said = {}
    for language, files in languages_of(args.folder).items():
        if not args.langs or language in args.langs:
            words = args.bad_words and args.bad_words / language
            said[language] = compare(args.binary, files, words)
    if args.output:
        args.output.write_text(page(said, args.version), encoding="utf-8")
    else:
        print(json.dumps(said, ensure_ascii=False, indent=1))
    differences = [line for one in said.values() for line in one["differences"]]
    below = list(below_the_bar(said))
    print("\n".join(differences[:50] + below), file=sys.stderr)
    sys.exit(bool(differences or below))


def kinds(record):
    """What was said of a document, by filter."""
    said = {(s, g, reason) for s, by in record["said"].items() for g, reason in by.items()}
    c4 = record["c4"]
    return said | {
        ("c4", "quality", c4["quality"]["reason"]),
        ("c4", "paragraph", c4["paragraph"]),
        ("c4", "bad_words", c4.get("bad_words")),
        ("c4", "cut", c4["fineweb"]["reason"] == "" and len(c4["fineweb"]["sentences"]) > 0),
        ("chain", record["chain"]["reason"]),
    }


def pick(args):
    """A few short documents of each language, of sources that may be given on, that fail in different ways."""
    args.out.mkdir(parents=True, exist_ok=True)
    for language, files in languages_of(args.folder).items():
        records = [json.loads(line) for path in files for line in lines_of(path)]
        records = [
            r
            for r in records
            if (r["source"] or "").startswith(PERMISSIVE)
            and len(r["text"]) in range(150, args.longest)
        ]
        chosen, seen = [], set()
        while records and len(chosen) < args.count:
            best = max(records, key=lambda r: (first_of(r["said"][language], language) not in seen, len(kinds(r) - seen),
                                               -len(r["text"]), r["id"]))  # fmt: skip
            seen |= kinds(best) | {first_of(best["said"][language], language)}
            records.remove(best)
            chosen.append(best)
        with (args.out / f"{language}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in chosen)


def first_of(said, settings):
    """The reason of the first group that drops, in the order of the profile."""
    path = ROOT / "rust" / "quality" / "profiles" / f"{settings}.toml"
    order = tomllib.loads(path.read_text(encoding="utf-8"))["order"]
    return next((said[group] for group in order if said.get(group)), "")


def main():
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("table")
    one.add_argument("folder", type=Path, help="what rules_parity_dump.py wrote")
    one.add_argument("--bad-words", type=Path, help="the same lists")
    one.add_argument(
        "--binary", type=Path, default=ROOT / "target" / "release" / "examples" / "parity"
    )
    one.add_argument("--langs", nargs="+")
    one.add_argument("--version", default="0.10.1", help="of datatrove")
    one.add_argument("-o", "--output", type=Path, help="the page; without it JSON is printed")
    one.set_defaults(run=table)
    small = commands.add_parser("pick")
    small.add_argument("folder", type=Path, help="what rules_parity_dump.py wrote, with --numbers")
    small.add_argument("out", type=Path)
    small.add_argument("--count", type=int, default=7, help="documents of each language at most")
    small.add_argument("--longest", type=int, default=1200, help="in characters")
    small.set_defaults(run=pick)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
