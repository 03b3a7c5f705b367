"""Results as people read them: each function prints one result to a console."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

from gamayun_data.page_clean import kind_rows
from gamayun_data.toml import to_toml
from gamayun_data.units import show_bytes, show_count, show_seconds, show_share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rich.console import Console
    from rich.table import Table

    from gamayun_data.mix import GroupShare, Plan, Pool, StagePlan
    from gamayun_data.recipe import Recipe
    from gamayun_data.results import (
        BuildResult,
        CurationResult,
        Explanation,
        StepRow,
        TokenizerTraining,
        Verification,
    )

EXACT_BELOW: Final = 1_000_000
"""A column whose numbers are all below this is shown to the last digit."""

SHOWN_PROBLEMS: Final = 50
SHOWN_WARNINGS: Final = 20
SHOWN_LETTERS: Final = 1000


def counts_as(numbers: Iterable[int]) -> Callable[[int], str]:
    """Choose how the numbers of a column are shown: exactly, or with three digits."""
    return "{:,}".format if max(numbers, default=0) < EXACT_BELOW else show_count


def table_of(title: str, first: Sequence[str], numbers: Iterable[str]) -> Table:
    """A table whose first columns are words and whose others are numbers."""
    from rich import box
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.padding = (0, 1, 0, 0)
    for name in first:
        table.add_column(name, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


# --- curate -----------------------------------------------------------------------------------


def curation(console: Console, result: CurationResult) -> None:
    """Documents per language and per reason, then what else the recipe asked for."""
    if result.dry_run:
        console.print(_input_table(result))
        return
    console.print(_language_table(result))
    if result.dropped:
        console.print(_reason_table(result))
    if result.benchmarks:
        console.print(_benchmark_table(result))
    _print_against(console, result)
    if result.cleaned:
        console.print(cleaning_table(result.cleaned))
    law = (
        f"read {result.read:,} = kept {result.kept:,} + dropped {result.dropped:,} documents"
        f" in {show_seconds(result.seconds)}"
    )
    console.print(law, highlight=False)
    if result.read and not result.kept:
        console.print("[yellow]no document was kept[/yellow]: see the reasons", highlight=False)
    _print_rejected(console, result)
    for alarm in result.alarms:
        console.print("alarm:", alarm.message, style="bold red", markup=False, highlight=False)
    _print_measured(console, result)
    if result.training is not None:
        training(console, result.training)
    if result.plan is not None:
        plan(console, result.plan)
    if result.build is not None:
        build(console, replace(result.build, steps=()))  # they are among all steps
    _steps(console, result.steps)


def _input_table(result: CurationResult) -> Table:
    """What a run would read, by source."""
    table = table_of("Input (dry run: nothing is written)", ["source"], ["files", "bytes"])
    table.add_column("first", overflow="fold")
    for source in dict.fromkeys(row.source for row in result.inputs):
        rows = [row for row in result.inputs if row.source == source]
        size = show_bytes(sum(row.bytes for row in rows))
        table.add_row(source, f"{len({row.path for row in rows}):,}", size, rows[0].path)
    return table


def _language_table(result: CurationResult) -> Table:
    steps = list(dict.fromkeys(_step(reason) for row in result.languages for reason in row.dropped))
    columns = ["read", *(f"-{step}" for step in steps), "kept", "kept %", "text", "tokens"]
    table = table_of("Documents by language", ["language"], columns)
    shown = counts_as([result.read])
    dropped: Counter[str] = Counter()
    for row in result.languages:
        by_step: Counter[str] = Counter()
        for reason, number in row.dropped.items():
            by_step[_step(reason)] += number
        dropped += by_step
        table.add_row(
            row.language,
            shown(row.read),
            *(shown(by_step[step]) for step in steps),
            shown(row.kept),
            _percent(row.kept, row.read),
            show_bytes(row.bytes_kept),
            "" if row.tokens is None else show_count(row.tokens),
        )
    tokens = [row.tokens for row in result.languages if row.tokens is not None]
    table.add_section()
    table.add_row(
        "total",
        shown(result.read),
        *(shown(dropped[step]) for step in steps),
        shown(result.kept),
        _percent(result.kept, result.read),
        show_bytes(sum(row.bytes_kept for row in result.languages)),
        show_count(sum(tokens)) if tokens else "",
        style="bold",
    )
    return table


def _reason_table(result: CurationResult) -> Table:
    """Reasons under their steps, with the languages that they hit most."""
    table = table_of("Dropped by reason", ["step", "reason"], ["documents", "% read"])
    table.columns[1].no_wrap = True  # the languages give way, not the name of the reason
    table.add_column("mostly", overflow="fold")
    shown = counts_as([result.dropped])
    reasons: dict[str, Counter[str]] = {}
    for row in result.languages:
        for reason, number in row.dropped.items():
            reasons.setdefault(reason, Counter())[row.language] += number
    steps = list(dict.fromkeys(map(_step, reasons)))
    for step in steps:
        mine = [(reason, hit) for reason, hit in reasons.items() if _step(reason) == step]
        for place, (reason, hit) in enumerate(sorted(mine, key=lambda one: -one[1].total())):
            mostly = ", ".join(f"{name} {number:,}" for name, number in hit.most_common(3))
            table.add_row(
                "" if place else step,
                reason.partition(".")[2] or reason,
                shown(hit.total()),
                _percent(hit.total(), result.read),
                mostly,
                end_section=place == len(mine) - 1,
            )
    return table


def cleaning_table(cleaned: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Table:
    """What was changed in texts, by kind and language."""
    table = table_of("Changed in texts", ["kind", "language"], ["documents", "changes", "-", "+"])
    for kind, language, documents, changes, removed, added in kind_rows(cleaned):
        sizes = (show_bytes(removed), show_bytes(added))
        table.add_row(kind, language, f"{documents:,}", f"{changes:,}", *sizes)
    return table


def _benchmark_table(result: CurationResult) -> Table:
    """The benchmarks that were looked for."""
    table = table_of("Benchmarks", ["benchmark"], ["items", "too short", "matched", "documents"])
    for row in result.benchmarks:
        counts = (row.items, row.too_short, row.matched, row.documents)
        table.add_row(row.name, *(f"{count:,}" for count in counts))
    return table


def _weight_table(weights: Mapping[str, Mapping[int, int]]) -> Table:
    """How often survivors are read, by language: a weight holds up to the next size."""
    table = table_of("Rehydration (size of cluster: copies of its survivor)", ["language"], [])
    table.add_column("from size", overflow="fold")
    for language, mine in weights.items():
        table.add_row(language, ", ".join(f"{size:,}: {mine[size]}" for size in sorted(mine)))
    return table


def _print_measured(console: Console, result: CurationResult) -> None:
    """What was derived from the data itself."""
    scored = {name: value for name, value in result.thresholds.items() if name != "und"}
    if scored:
        limits = ", ".join(f"{name} {value:.3f}" for name, value in scored.items())
        console.print(f"language thresholds: {limits}", highlight=False)
    if result.rehydration:
        console.print(_weight_table(result.rehydration))


def _print_against(console: Console, result: CurationResult) -> None:
    for name, number in result.against.items():
        told = f"{number:,} documents stand in {name} too: {result.run}/against.parquet"
        console.print(told, highlight=False, markup=False, soft_wrap=True)


def _print_rejected(console: Console, result: CurationResult) -> None:
    if result.rejected:
        causes = ", ".join(f"{name} {number:,}" for name, number in result.rejected.items())
        total = sum(result.rejected.values())
        console.print(
            f"rejected {total:,} records ({causes}): {result.run}/rejected.jsonl",
            highlight=False,
            soft_wrap=True,
        )
    for path in result.unknown_tails:
        console.print(
            f"{path}: ends too early; how much is lost is unknown", highlight=False, soft_wrap=True
        )


def _step(reason: str) -> str:
    return reason.partition(".")[0]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else ""


def _steps(console: Console, steps: Sequence[StepRow]) -> None:
    if not steps:
        return
    table = table_of("Steps", ["step"], ["time", "documents", "docs/s", "MB/s"])
    shown = counts_as(row.documents for row in steps)
    for row in steps:
        busy = row.seconds > 0 and not row.skipped
        table.add_row(
            row.name,
            "stood there" if row.skipped else show_seconds(row.seconds),
            shown(row.documents) if row.documents else "",
            show_count(row.documents / row.seconds) if busy and row.documents else "",
            f"{row.bytes / row.seconds / 1e6:.1f}" if busy and row.bytes else "",
        )
    console.print(table)


# --- plan -------------------------------------------------------------------------------------


def plan(console: Console, result: Plan) -> None:
    """The pools, each stage by language and domain, and what building will need."""
    console.print(_pool_table(result))
    for stage in result.stages:
        console.print(_stage_table(stage))
    if result.needs is not None:
        console.print(_needs(result), highlight=False)
    for warning in result.warnings[:SHOWN_WARNINGS]:
        console.print("[yellow]warning:[/yellow]", str(warning), highlight=False)
    if len(result.warnings) > SHOWN_WARNINGS:
        console.print(f"... and {len(result.warnings) - SHOWN_WARNINGS:,} warnings more")


def _pool_table(result: Plan) -> Table:
    kind = "counted" if result.exact else "estimated"
    columns = ["documents", "text", "tokens", "±", "bytes/token"]
    repeats = any(pool.repeated_tokens for pool in result.pools)
    columns += ["unique", "repeated"] * repeats
    table = table_of(f"Pools (tokens {kind}, train split)", ["pool"], columns)
    documents = counts_as(pool.documents for pool in result.pools)
    tokens = counts_as(pool.tokens for pool in result.pools)
    for pool in result.pools:
        table.add_row(
            pool.name,
            documents(pool.documents),
            show_bytes(pool.bytes),
            tokens(pool.tokens),
            f"{100 * pool.error / pool.tokens:.2f}%" if pool.tokens and pool.error else "",
            f"{pool.bytes / pool.tokens:.2f}" if pool.tokens else "",
            *(_repeats(pool) if repeats else ()),
        )
    return table


def _repeats(pool: Pool) -> tuple[str, str]:
    """Tokens of a pool with each document once, and how often one is read in an epoch."""
    unique = pool.unique_tokens
    return show_count(unique), f"x{pool.tokens / unique:.2f}" if unique else ""


def _stage_table(stage: StagePlan) -> Table:
    title = (
        f"Stage {stage.name}: {stage.samples:,} samples x {stage.sequence_length:,} "
        f"= {stage.tokens:,} tokens"
    )
    columns = ["asked", "share", "tokens", "epochs", "so far", "worth"]
    table = table_of(title, ["language"], columns)
    tokens = counts_as([stage.tokens])
    _add_groups(table, stage.by_language(), tokens)
    domains = stage.by_domain()
    if len(domains) > 1:
        _add_groups(table, domains, tokens, prefix="domain ")
    table.add_row(
        "total",
        show_share(sum(share.requested for share in stage.shares)),
        show_share(sum(share.share for share in stage.shares)),
        tokens(stage.tokens),
        "",
        "",
        show_count(sum(share.effective_tokens for share in stage.shares)),
        style="bold",
    )
    return table


def _add_groups(
    table: Table, groups: Sequence[GroupShare], tokens: Callable[[int], str], prefix: str = ""
) -> None:
    for group in sorted(groups, key=lambda group: (-group.share, group.name)):
        table.add_row(
            prefix + group.name,
            show_share(group.requested),
            show_share(group.share),
            tokens(group.tokens),
            f"{group.epochs:.3f}",
            f"{group.cumulative_epochs:.3f}",
            show_count(group.effective_tokens),
        )
    table.add_section()


def _needs(result: Plan) -> str:
    needs = result.needs
    if needs is None:
        return ""
    parts = [f"shards: {show_bytes(needs.disk_bytes)} on disk, as much again while building"]
    if needs.seconds is not None:
        parts.append(f"about {show_seconds(needs.seconds)} to tokenise")
    if not result.exact:
        parts.append(
            f"estimated from {needs.sampled_documents:,} documents "
            f"({show_bytes(needs.sampled_bytes)}), ± one standard error"
        )
    return "; ".join(parts)


# --- tokenizer and shards ---------------------------------------------------------------------


def training(console: Console, result: TokenizerTraining) -> None:
    """What was trained, on how much."""
    console.print(
        f"{result.path}: {result.vocab_size:,} tokens, {result.merges:,} merges, from "
        f"{result.pretokens:,} different pretokens in {show_bytes(result.bytes)} of text, "
        f"{show_seconds(result.seconds)}",
        highlight=False,
        soft_wrap=True,
    )
    if result.left_out:
        console.print(f"  {result.left_out:,} pretokens left out", highlight=False, soft_wrap=True)
    for note in result.notes:
        console.print(f"  note: {note}", highlight=False, markup=False, soft_wrap=True)


def build(console: Console, result: BuildResult) -> None:
    """The shards of each pool, and where the manifests are."""
    columns = ["documents", "text", "tokens", "shards"]
    table = table_of("Shards", ["pool", "split"], columns)
    documents = counts_as(pool.documents for pool in result.pools)
    tokens = counts_as(pool.tokens for pool in result.pools)
    for pool in sorted(result.pools, key=lambda pool: (pool.split, pool.name)):
        table.add_row(
            pool.name,
            pool.split,
            documents(pool.documents),
            show_bytes(pool.bytes),
            tokens(pool.tokens),
            f"{pool.shards:,}",
        )
    console.print(table)
    console.print(
        f"{result.files:,} files, {show_bytes(result.disk_bytes)}, in "
        f"{show_seconds(result.seconds)}",
        highlight=False,
    )
    for stage, manifest in zip(result.stages, result.manifests, strict=True):
        console.print(f"manifest of {stage}: {manifest}", highlight=False, soft_wrap=True)
    _steps(console, result.steps)


# --- verify and explain -----------------------------------------------------------------------


def verification(console: Console, result: Verification) -> None:
    """All that is wrong, by file and offset, then what was checked."""
    for problem in result.problems[:SHOWN_PROBLEMS]:
        place = "" if problem.offset is None else f": offset {problem.offset:,}"
        console.print(
            f"{problem.file}{place}: {problem.what}", highlight=False, markup=False, soft_wrap=True
        )
    if len(result.problems) > SHOWN_PROBLEMS:
        console.print(f"... and {len(result.problems) - SHOWN_PROBLEMS:,} more", highlight=False)
    checked = ", ".join(f"{number:,} {what}" for what, number in result.checked.items())
    console.print(f"checked: {checked or 'nothing'}", highlight=False, soft_wrap=True)
    if result.ok:
        console.print("[green]ok[/green]: nothing is wrong", highlight=False)
    else:
        number = len(result.problems)
        console.print(
            f"[red]not ok[/red]: {number:,} problem{'s' * (number != 1)}", highlight=False
        )


def explanation(console: Console, result: Explanation) -> None:
    """One document: its verdict first, then the facts behind it."""
    facts = [
        (name, _fact(getattr(result, name)))
        for name in (one.name for one in fields(result))
        if name not in ("verdict", "text", "changed", "removed")
    ]
    console.print(_verdict(result), highlight=False, markup=False, soft_wrap=True)
    for name, value in facts:
        if value:
            console.print(
                f"  {name.replace('_', ' '):<14}{value}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
    for change in result.changed:
        place = f"{change.kind}, at bytes {change.start} to {change.end} stood: "
        told = f"  {'changed':<14}{place}{_cut((change.original or '').strip())}"
        console.print(told, highlight=False, markup=False, soft_wrap=True)
    for span in result.removed:
        place = f"{span.level}, bytes {span.start} to {span.end}, evidence {span.evidence}: "
        told = f"  {'removed':<14}{place}{_cut(span.text.strip())}"
        console.print(told, highlight=False, markup=False, soft_wrap=True)
    if result.text:
        console.print(f"  {'text':<14}{_cut(result.text)}", highlight=False, markup=False)


def _cut(text: str) -> str:
    more = len(text) - SHOWN_LETTERS
    if more <= 0:
        return text
    return f"{text[:SHOWN_LETTERS]}... ({more:,} more characters; --json shows them)"


def _verdict(result: Explanation) -> str:
    name = result.id or result.document
    if result.verdict != "dropped":
        return f"{name}: {result.verdict}"
    why = f"{name}: dropped by {result.step}: {result.reason}"
    if result.kept_document is not None:
        twin = result.kept_id or result.kept_document
        similarity = "" if result.similarity is None else f", similarity {result.similarity:.4f}"
        where = "" if result.kept_from is None else f" in {result.kept_from}"
        return f"{why}: kept is {twin}{where}{similarity}"
    if result.value is not None and result.threshold is not None:
        return f"{why}: {result.value:.6g} against a threshold of {result.threshold:.6g}"
    return why


def _fact(value: object) -> str:
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        shown = (show_bytes(of) if isinstance(of, int) else f"{of:.4f}" for _, of in value)
        return ", ".join(f"{one[0]} {told}" for one, told in zip(value, shown, strict=True))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


# --- recipe -----------------------------------------------------------------------------------


def recipe(console: Console, result: Recipe) -> None:
    """The recipe with all its defaults, as TOML that reads back as the same recipe."""
    console.print(to_toml(result), highlight=False, markup=False, soft_wrap=True)
