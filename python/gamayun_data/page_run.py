"""A run as a page: mixture, epochs, what was kept and why not, lengths, tokens per byte, alarms."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gamayun_data import alarms, manifest_views, page_clean, provenance, shards
from gamayun_data.page import Page
from gamayun_data.receipts import read_receipt
from gamayun_data.recipe import Dedup
from gamayun_data.waterfall import retention_waterfall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gamayun_data.results import Verification

SHOWN: Final = 15
"""So many languages, the largest, have bars or curves of their own."""
STACKED: Final = 7
"""So many have a part of a stacked bar; the rest share one, so that no colour stands twice."""
PROBLEMS: Final = 50


def write_report(run: Path) -> None:
    """Write the page of a run into its folder."""
    run_page(run).write(run / provenance.PAGE)


def run_page(run: str | Path, *, verification: Verification | None = None) -> Page:
    """Make the page of a run that has been curated; what `verify` found is put on top if given."""
    run = Path(run)
    found = provenance.read(run)
    stages = manifest_views.read_manifests(run) if (run / "manifests").is_dir() else {}
    page = Page(f"Run {run.resolve().name}")
    _summary(page, found["counts"], stages)
    if verification is not None:
        _verified(page, verification)
    _alarms(page, run, found)
    if stages:
        _mixture(page, stages)
        _epochs(page, stages)
    _retention(page, run)
    page_clean.cleaned(page, found["counts"].get("cleaned", {}))
    if stages:
        _lengths(page, run)
    _sources(page, found, stages)
    return page


def _summary(page: Page, counts: Mapping[str, Any], stages: Mapping[str, Any]) -> None:
    facts: list[tuple[str, float]] = [
        ("records read", counts["records"]),
        ("documents kept", counts["selected"]),
        ("bytes of text kept", counts["selected_bytes"]),
    ]
    if "shards" in counts:
        facts.append(("tokens in shards", counts["shards"]["tokens"]))
    if stages:
        facts.append(("tokens of all stages", sum(s["stage"]["tokens"] for s in stages.values())))
    page.facts(facts)


def _verified(page: Page, result: Verification) -> None:
    page.heading("Verified" if result.ok else "Not whole")
    checked = ", ".join(f"{count:,} {what}" for what, count in result.checked.items())
    page.text(f"{'Nothing is wrong' if result.ok else 'Something is wrong'}: {checked} checked.")
    if not result.ok:
        rows = [[one.file, one.what] for one in result.problems[:PROBLEMS]]
        page.table(f"{len(result.problems):,} problems", ["file", "problem"], rows, words=2)


def _alarms(page: Page, run: Path, found: Mapping[str, Any]) -> None:
    decided, dedup = read_receipt(run, "decide"), read_receipt(run, "dedup")
    told = alarms.raised(decided.counts, dedup.counts, Dedup()) if decided and dedup else ()
    tails = [["tail", f"{name}: it ends too early"] for name in found["unknown_tails"]]
    if told or tails:
        page.heading("Alarms")
        page.table("", ["kind", "alarm"], [*([a.kind, a.message] for a in told), *tails], words=2)


# --- the stages -------------------------------------------------------------------------------


def _mixture(page: Page, stages: Mapping[str, Mapping[str, Any]]) -> None:
    page.heading("The mixture")
    page.text("The part of each stage's tokens; beside it in the table, what was asked for.")
    for key in ("language", "domain"):
        largest = Counter[str]()
        for stage in stages.values():
            largest.update({row[key]: row["tokens"] for row in stage[f"by_{key}"]})
        names = [name for name, _ in largest.most_common(STACKED)]
        bars = {}
        for name, stage in stages.items():
            shares = {row[key]: row["share"] for row in stage[f"by_{key}"]}
            bars[name] = {one: shares[one] for one in names if shares.get(one)}
            if (rest := 1 - sum(bars[name].values())) > 1e-9:
                bars[name]["others"] = rest
        page.stacks(f"Tokens by {key}", bars, x="part of the tokens of the stage")
        rows = [
            [name, row[key], row["requested_share"], row["share"], row["tokens"], row["documents"]]
            for name, stage in stages.items()
            for row in stage[f"by_{key}"]
        ]
        columns = ["stage", key, "asked", "share", "tokens", "documents"]
        page.table(f"Asked and realised, by {key}", columns, rows, words=2)


def _epochs(page: Page, stages: Mapping[str, Mapping[str, Any]]) -> None:
    page.heading("Epochs")
    languages: dict[str, dict[str, float | None]] = {}
    for name, stage in stages.items():
        for row in stage["by_language"]:
            languages.setdefault(row["language"], {})[name] = row["cumulative_epochs"]
    ordered = sorted(languages, key=lambda one: -max(v or 0 for v in languages[one].values()))
    shown = {one: languages[one] for one in ordered[:SHOWN]}
    page.bars("Passes over each language at the end of a stage", shown, x="epochs")


# --- the documents ----------------------------------------------------------------------------


def _retention(page: Page, run: Path) -> None:
    fallen = retention_waterfall(run)
    page.heading("What was kept, and what was not")
    page.text("The documents of each language: kept, or dropped in which step.")
    steps = ["kept", *fallen.steps]
    bars = {}
    for one in fallen.languages[:SHOWN]:
        fates = one.fates()
        bars[one.language] = {s: fates[s] / one.documents for s in steps if fates.get(s)}
    page.stacks("Documents by language", bars, x="part of the documents read")
    rows: list[list[str | int]] = []
    for one in fallen.languages:
        left, cells = one.documents, [one.documents]
        for step in fallen.steps:
            left = one.left().get(step, left)
            cells.append(left)
        rows.append([one.language, *cells])
    page.table("Documents left after each step", ["language", "read", *fallen.steps], rows)


def _lengths(page: Page, run: Path) -> None:
    """Tokens of documents, and bytes a token, by language, from the indices of the shards."""
    lengths: dict[str, Counter[int]] = {}
    tokens, size = Counter[str](), Counter[str]()
    opened = shards.open_run(run)
    for pool in opened.pools:
        for shard in opened.shards(pool):
            spans = np.diff(shard.ends.astype(np.int64), prepend=0)
            for code in np.unique(shard.languages):
                name, mine = shard.language_names[code], shard.languages == code
                tokens[name] += int(spans[mine].sum())
                size[name] += int(shard.text_bytes[mine].sum(dtype=np.uint64))
                powers, counts = np.unique(np.log2(spans[mine]).astype(int), return_counts=True)
                found = dict(zip(powers.tolist(), counts.tolist(), strict=True))
                lengths.setdefault(name, Counter()).update(found)
    names = [name for name, _ in tokens.most_common(8)]
    page.heading("Documents and tokens")
    curves = {
        name: [
            (float(2**power), lengths[name][power] / lengths[name].total())
            for power in range(min(lengths[name]), max(lengths[name]) + 1)
        ]
        for name in names
    }
    title = "Lengths of documents: the part with so many tokens, up to twice as many"
    page.curves(title, curves, x="tokens", y="part of the documents", log_x=True)
    rates = {
        name: {"bytes per token": size[name] / tokens[name]}
        for name, _ in tokens.most_common(SHOWN)
        if tokens[name]
    }
    page.bars("Bytes of text per token", rates, x="bytes per token")


def _sources(page: Page, found: Mapping[str, Any], stages: Mapping[str, Any]) -> None:
    page.heading("Whence, and how to check")
    rows = [[one["name"], one["domain"], one["licence"] or ""] for one in found["sources"]]
    page.table("Sources", ["source", "domain", "licence"], rows, words=3)
    if stages:
        ids = [[name, stage["id"], stage["tokenizer"]["sha256"]] for name, stage in stages.items()]
        page.table("Manifests", ["stage", "id", "sha256 of the tokenizer"], ids, words=3)
        page.text(
            "gamayun-data verify recomputes all of this; --sample all encodes every document."
        )
