"""A run that cleans: the texts, the edits beside them, and the counts that add up."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from click.testing import CliRunner

import gamayun_data as gd
from gamayun_data.cli import cli

TEXTS = [
    "The parser is “fast” and reads all of the files that you give to it in one pass.",
    "The parser is â€œfastâ€\x9d and reads all of the files that you&nbsp;give to it in one go.",
    "Ask anna.berg@firma.de, not bob@firma.de; anna.berg@firma.de knows how the parser works.",
]
RECIPE = """
version = 1
languages = ["en"]
[[sources]]
name = "web"
paths = ["in.jsonl"]
language = "en"
rules = "none"
[dedup]
compare = "exact"
[clean]
repair = ["encoding", "markup"]
private = ["email"]
"""


def cleaned_run(folder: Path, threads: int) -> Path:
    folder.mkdir()
    lines = [json.dumps({"id": str(n), "text": text}) for n, text in enumerate(TEXTS)]
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    gd.curate(recipe=folder / "recipe.toml", output=folder / "run", threads=threads)
    return folder / "run"


def test_a_run_cleans_and_tells_what_it_changed(tmp_path: Path) -> None:
    run = cleaned_run(tmp_path / "one", 1)
    texts = pl.read_parquet(run / "documents" / "*.parquet")["text"].to_list()
    rows = pl.read_parquet(run / "cleaning" / "*.parquet")
    assert texts[0] == TEXTS[0]
    assert texts[1] == TEXTS[0].replace("in one pass", "in one go")
    assert texts[2].startswith("Ask email1@example.com, not email2@example.com; email1@")
    kinds = [[edit["kind"] for edit in edits] for edits in rows["changes"].to_list()]
    assert kinds[0] == []
    assert set(kinds[1]) == {"encoding", "entity"}
    assert kinds[2] == ["email"] * 3
    assert "firma" not in str(rows["changes"].to_list())
    receipt = json.loads((run / "steps" / "annotate.json").read_text("utf-8"))["counts"]
    counts = receipt["cleaned"]["en"]
    assert {kind: one["changes"] for kind, one in counts.items()} == {
        "email": 3,
        "encoding": 1,
        "entity": 1,
    }
    assert receipt["normalised"]["cleaned_documents"] == 2


def test_bytes_before_are_those_kept_with_those_removed_less_those_added(tmp_path: Path) -> None:
    run = cleaned_run(tmp_path / "one", 1)
    texts = pl.read_parquet(run / "documents" / "*.parquet")["text"]
    changes = pl.read_parquet(run / "cleaning" / "*.parquet")["changes"].explode().drop_nulls()
    rows = changes.struct.unnest()
    removed, added = int(rows["bytes_before"].sum()), int((rows["end"] - rows["start"]).sum())
    counts = json.loads((run / "provenance.json").read_text("utf-8"))["counts"]
    kinds = counts["cleaned"]["en"].values()
    assert removed == sum(kind["removed_bytes"] for kind in kinds)
    assert added == sum(kind["added_bytes"] for kind in kinds)
    kept = sum(len(text.encode()) for text in texts)
    assert kept + removed - added == sum(len(text.encode()) for text in TEXTS)
    assert "Cleaning" in (run / "report.html").read_text("utf-8")


def test_what_was_changed_is_explained(tmp_path: Path) -> None:
    run = cleaned_run(tmp_path / "one", 1)
    told = gd.explain(run, "2")
    assert [(one.kind, one.original) for one in told.changed] == [("email", None)] * 3
    assert [one.original for one in gd.explain(run, "1").changed] == ["â€œfastâ€\x9d", "&nbsp;"]
    gd.save_verdicts(run, tmp_path / "verdicts")
    rows = pl.read_parquet(tmp_path / "verdicts" / "*.parquet").sort("id")
    assert rows["verdict"].to_list() == ["changed", "changed"]
    assert rows["step"].to_list() == ["clean", "clean"]
    assert rows["reason"].to_list() == ["encoding+entity", "email"]


def test_threads_change_nothing_that_is_cleaned(tmp_path: Path) -> None:
    one, five = cleaned_run(tmp_path / "one", 1), cleaned_run(tmp_path / "five", 5)
    for folder in ("documents", "cleaning"):
        read = [pl.read_parquet(run / folder / "*.parquet") for run in (one, five)]
        read = [rows.select(pl.exclude("input")) for rows in read]
        assert read[0].equals(read[1])
    assert gd.verify(one).ok


GERMAN = "Es regnet seit dem frühen Morgen, und niemand geht ohne Not aus dem Haus hinaus. " * 6
ENGLISH = "It has been raining since the early morning, and nobody leaves the house at all. " * 6
MIXED = """
version = 1
languages = ["de", "en"]
[[sources]]
name = "web"
paths = ["in.jsonl"]
rules = "none"
[curation]
language_thresholds = 0.3
"""


def mixed_run(folder: Path, more: str) -> Path:
    folder.mkdir()
    rows = [
        {"id": "de", "text": GERMAN, "url": "https://www.fine.org/a"},
        {"id": "both", "text": f"{GERMAN}{GERMAN}\n\n{ENGLISH}", "url": "http://x.fine.org/"},
        {"id": "ads", "text": f"{ENGLISH}!", "url": "http://ads.bad.org:80/page"},
        {"id": "page", "text": f"{ENGLISH}?", "url": "http://fine.org/bad/"},
    ]
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "domains").write_text("# of ads\n0.0.0.0 bad.org\n", encoding="utf-8")
    (folder / "urls").write_text("https://www.fine.org/bad\n", encoding="utf-8")
    (folder / "recipe.toml").write_text(MIXED + more, encoding="utf-8")
    gd.curate(recipe=folder / "recipe.toml", output=folder / "run", threads=2)
    return folder / "run"


def test_listed_addresses_are_dropped_and_explained(tmp_path: Path) -> None:
    lists = '[clean]\nblock_domains = ["domains"]\nblock_urls = ["urls"]\n'
    run = mixed_run(tmp_path / "one", lists)
    told = {name: gd.explain(run, name) for name in ("de", "ads", "page")}
    assert told["de"].verdict == "kept"
    assert (told["ads"].step, told["ads"].reason) == ("clean", "blocked_domain")
    assert told["ads"].blocked_by == "bad.org"
    assert (told["page"].reason, told["page"].blocked_by) == ("blocked_url", "fine.org/bad")
    counts = json.loads((run / "provenance.json").read_text("utf-8"))["counts"]
    assert counts["dropped"] == {"clean.blocked_domain": 1, "clean.blocked_url": 1}
    assert gd.verify(run).ok


def test_foreign_paragraphs_go_and_mixed_documents_if_asked(tmp_path: Path) -> None:
    plain = mixed_run(tmp_path / "plain", "[segments]\nlook = true\n")
    both = gd.explain(plain, "both")
    assert both.verdict == "kept"
    assert [name for name, _ in both.languages] == ["de", "en"]
    cut = mixed_run(tmp_path / "cut", "[segments]\ndrop_foreign = true\n")
    told = gd.explain(cut, "both")
    assert told.text == f"{GERMAN}{GERMAN}\n\n"
    assert [(one.kind, one.original) for one in told.changed] == [("foreign", ENGLISH)]
    gone = mixed_run(tmp_path / "gone", '[segments]\nmixed = "drop"\n')
    told = gd.explain(gone, "both")
    assert (told.step, told.reason, told.threshold) == ("language", "mixed", 0.2)
    for run in (plain, cut, gone):
        assert gd.verify(run).ok


def test_options_say_the_same_as_a_recipe(tmp_path: Path) -> None:
    page = "Startseite | Kontakt | Impressum\n"
    rows = [
        {"id": "de", "text": f"{GERMAN}\n{page}", "url": "https://www.fine.org/a"},
        {"id": "both", "text": f"{GERMAN}{GERMAN}\n\n{ENGLISH}"},
        {"id": "mostly", "text": f"{GERMAN * 9}\n\n{ENGLISH}"},
        {"id": "ads", "text": f"{ENGLISH}!", "url": "http://ads.bad.org:80/page"},
        {"id": "page", "text": f"{ENGLISH}?", "url": "http://fine.org/bad/"},
    ]
    source, domains, urls = (tmp_path / name for name in ("in.jsonl", "domains", "urls"))
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    domains.write_text("bad.org\n", encoding="utf-8")
    urls.write_text("https://www.fine.org/bad\n", encoding="utf-8")
    (tmp_path / "plain.toml").write_text("version = 1\n[curation]\n", encoding="utf-8")
    command = ["curate", str(source), "-o", str(tmp_path / "run"), "--langs", "de,en"]
    command += [
        "--language-threshold",
        "0.3",
        "--lines",
        "boilerplate",
        "--segments",
        "foreign,mixed",
    ]
    command += ["--block-domains", str(domains), "--block-urls", str(urls)]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    run = tmp_path / "run"
    told = {name: gd.explain(run, name) for name in ("de", "both", "mostly", "ads", "page")}
    reasons = {name: (one.step, one.reason) for name, one in told.items()}
    assert reasons["both"] == ("language", "mixed")
    assert reasons["ads"] == ("clean", "blocked_domain")
    assert reasons["page"] == ("clean", "blocked_url")
    assert told["de"].text == f"{GERMAN}\n"
    assert [one.kind for one in told["mostly"].changed] == ["foreign"]
    assert gd.verify(run).ok


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    for option in ("--segments", "--lines"):
        command = ["curate", str(tmp_path), "-o", str(tmp_path / "run"), option, "everything"]
        result = CliRunner().invoke(cli, command)
        assert result.exit_code == 2
        assert "everything" in result.output
