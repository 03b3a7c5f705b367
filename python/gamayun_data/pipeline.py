"""The verbs over a run: every command calls one of these, and so may any program."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from gamayun_data import (
    _core,
    alarms,
    alone,
    config,
    decontamination,
    directory,
    estimate,
    levels,
    lint,
    listing,
    manifests,
    mix,
    page_run,
    provenance,
    references,
    removals,
    steps,
    training,
)
from gamayun_data.auditing import audit_tokenizer
from gamayun_data.count_files import width_notes
from gamayun_data.errors import ConfigError
from gamayun_data.evaluation import evaluate_tokenizer
from gamayun_data.explanation import explain
from gamayun_data.receipts import read_receipt
from gamayun_data.results import (
    BuildResult,
    BuiltPool,
    CurationResult,
    InputRow,
    LanguageRow,
    TokenizerTraining,
)
from gamayun_data.steps import Job, Limits, UsedTokenizer
from gamayun_data.verification import verify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gamayun_data.alone import Level
    from gamayun_data.call_options import CurationOptions, DedupOptions, TokenizerOptions
    from gamayun_data.estimate import Estimate
    from gamayun_data.mix import Plan
    from gamayun_data.progress import Progress
    from gamayun_data.receipts import Receipt
    from gamayun_data.recipe import Recipe

__all__ = [
    "audit_tokenizer",
    "build_shards",
    "curate",
    "dedup",
    "evaluate_tokenizer",
    "explain",
    "plan",
    "train_tokenizer",
    "verify",
]


def curate(
    sources: Sequence[str | Path] = (),
    *,
    output: str | Path,
    recipe: Recipe | str | Path | None = None,
    sample: bool = False,
    strict: bool = False,
    dry_run: bool = False,
    until: Literal["annotate"] | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[CurationOptions],
) -> CurationResult:
    """Turn raw text into clean, deduplicated documents, and go on if that was begun.

    `sources` are files, folders, globs or `-`. `options` override single keys of the recipe, or of
    its defaults: see `CurationOptions`. With a recipe that has stages, the tokenizer is trained and
    the shards are built too. `memory` is in bytes. `strict` stops the run when deduplication
    raises an alarm, before anything is selected. `until="annotate"` stops before anything is
    decided: `run_thresholds` then tells the language thresholds, and another call goes on.

    Raises `ConfigError` before any work, `InputError` for a bad record with
    `on_bad_record="fail"`, `IntegrityError` for an alarm with `strict`, and `OSError`.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> result = curate(sample=True, output=f"{folder.name}/run")
    >>> result.read == result.kept + result.dropped
    True
    >>> verify(f"{folder.name}/run").ok
    True
    >>> folder.cleanup()
    """
    started = time.perf_counter()
    asked = config.resolve(recipe, sources=[str(one) for one in sources], sample=sample, **options)
    if not asked.sources:
        raise ConfigError("sources: nothing to read: name files, a recipe with some, or the sample")
    run = Path(output)
    inputs = _core.find_inputs(steps.core_sources(asked))
    if dry_run:
        rows = tuple(InputRow(source, path, size) for source, path, size, _ in inputs)
        return CurationResult(str(run), (), 0, 0, 0, dry_run=True, inputs=rows)
    job = Job(run, asked, Limits.of(threads, memory), progress)
    steps.check_files(asked)
    decontamination.check_files(asked)
    references.check(run, asked)
    with directory.locked(run), directory.claimed(run, asked):
        if until == "annotate":
            return _annotated(job)
        result = _curated(job, strict=strict)
        if asked.stages:
            result = _go_on(job, result)
        else:
            page_run.write_report(run)
    return replace(result, seconds=round(time.perf_counter() - started, 3))


def dedup(
    sources: Sequence[str | Path],
    *,
    output: str | Path,
    levels: Sequence[Level] = ("near",),
    list_only: bool = False,
    strict: bool = False,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[DedupOptions],
) -> CurationResult:
    """Deduplicate files alone: no language is scored and no rule judges.

    `levels` are done in this order: `exact` or `near` documents, the latter both; then of those
    left the `paragraph`s and `line`s that many share, and each `substring` that repeats. Writes
    what `curate` writes, and `removed.parquet`: every removed document with the kept one and the
    similarity; with levels below documents also `removed_spans.parquet`. With `list_only` nothing
    but `removed.parquet` and what was rejected is written. Errors are those of `curate`.
    """
    if list_only and not {"exact", "near"}.issuperset(levels):
        raise ConfigError("levels: a list is of documents, exact or near", parameter="levels")
    if list_only and options.get("against"):
        raise ConfigError("against: a list is compared with no earlier run", parameter="against")
    started = time.perf_counter()
    asked = config.resolve(sources=[str(one) for one in sources], **options)
    asked = alone.recipe(asked, levels)
    if not asked.sources:
        raise ConfigError("sources: nothing to read: name files")
    run = Path(output)
    job = Job(run, asked, Limits.of(threads, memory), progress)
    references.check(run, asked)
    with directory.locked(run), directory.claimed(run, asked):
        if list_only:
            result = listing.list_removed(job, strict=strict)
        else:
            result = _curated(job, strict=strict)
            removals.write(run)
            removals.write_spans(run)
    return replace(result, seconds=round(time.perf_counter() - started, 3))


def _annotated(job: Job) -> CurationResult:
    receipt = steps.annotate(job)
    read, rejected = receipt.counts["documents"], receipt.counts["rejected"]
    return CurationResult(str(job.run), (), read, 0, 0, rejected=rejected, steps=(receipt.row,))


def _curated(job: Job, *, strict: bool) -> CurationResult:
    receipts = _curate(job, strict=strict)
    provenance.write(job.run, job.asked, receipts)
    return _curation(job, receipts)


def _curate(job: Job, *, strict: bool) -> dict[str, Receipt]:
    annotated = steps.annotate(job)
    decided = steps.decide(job, annotated)
    cleaned = decontamination.decontaminate(job, decided)
    deduplicated = steps.dedup(job, cleaned or decided)
    if strict:
        alarms.stop(alarms.raised(decided.counts, deduplicated.counts, job.asked.dedup))
    edited = levels.run(job, deduplicated)
    selected = steps.select(job, [deduplicated, *edited][-1])
    done = (annotated, decided, cleaned, deduplicated, *edited, selected)
    return {receipt.name: receipt for receipt in done if receipt}


def _go_on(job: Job, result: CurationResult) -> CurationResult:
    """The rest of a recipe with stages: tokenizer, plan, shards."""
    training = None if job.asked.tokenizer.file else _train(job)
    _plan(job, _tokenizer(job))  # refuses before the work
    built, exact = _build(job)
    tokens = _tokens(job.run)
    rows = tuple(replace(row, tokens=tokens.get(row.language, 0)) for row in result.languages)
    return replace(
        result,
        languages=rows,
        training=training,
        plan=exact,
        build=built,
        steps=(*result.steps, *built.steps),
    )


def _curation(job: Job, receipts: Mapping[str, Receipt]) -> CurationResult:
    annotated, decided = receipts["annotate"].counts, receipts["decide"].counts
    dedup, cleaned = receipts["dedup"].counts, receipts.get("decontaminate")
    contaminated = decontamination.dropped(cleaned)
    short = levels.too_short(receipts)
    rows = _rows(decided, contaminated, dedup, receipts["select"].counts, short)
    kept = sum(row.kept for row in rows)
    return CurationResult(
        run=str(job.run),
        languages=rows,
        read=annotated["documents"],
        kept=kept,
        dropped=annotated["documents"] - kept,
        rejected=annotated["rejected"],
        unknown_tails=tuple(annotated["unknown_tails"]),
        thresholds={name: one["threshold"] for name, one in decided["thresholds"].items()},
        alarms=alarms.raised(decided, dedup, job.asked.dedup),
        rehydration={
            language: {int(size): weight for size, weight in weights.items()}
            for language, weights in receipts["select"].counts["rehydration"].items()
        },
        steps=tuple(receipt.row for receipt in receipts.values()),
        benchmarks=decontamination.benchmarks(cleaned),
        against=dict(dedup["against"]),
        cleaned=annotated.get("cleaned", {}),
    )


def _rows(
    decided: Mapping[str, Any],
    contaminated: Mapping[str, Mapping[str, int]],
    dedup: Mapping[str, Any],
    selected: Mapping[str, Any],
    short: Mapping[str, int],
) -> tuple[LanguageRow, ...]:
    rows = []
    for language, verdicts in sorted(decided["verdicts"].items()):
        dropped = {
            _key(*verdict.split("/")): count
            for verdict, count in verdicts.items()
            if verdict != "kept"
        }
        dropped |= contaminated.get(language, {})
        for measure, removed in sorted(dedup["removed_by_language"].get(language, {}).items()):
            dropped[f"dedup.{measure}"] = removed
        if language in short:
            dropped["passages.too_short"] = short[language]
        pools = [pool for pool in selected["pools"] if pool["language"] == language]
        kept = sum(pool["documents"] for pool in pools)
        read = sum(verdicts.values())
        rows.append(
            LanguageRow(language, read, dropped, kept, sum(pool["bytes"] for pool in pools))
        )
    return tuple(rows)


def _key(step: str, reason: str) -> str:
    """Where a report counts a reason: `language.language_score`, or `rules.gopher_short_doc`."""
    return f"{step}.{reason}" if step in {"language", "quality"} else f"rules.{reason}"


def _tokens(run: Path) -> dict[str, int]:
    receipt = read_receipt(run, "tokenise")
    tokens: dict[str, int] = {}
    for pool in receipt.counts["pools"] if receipt else ():
        tokens[pool["language"]] = tokens.get(pool["language"], 0) + pool["tokens"]
    return tokens


def train_tokenizer(
    run: str | Path,
    *,
    recipe: Recipe | str | Path | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[TokenizerOptions],
) -> TokenizerTraining:
    """Train a byte-level BPE tokenizer on the training split of a run's selection.

    `options` override single keys of the recipe's `[tokenizer]`, or of its defaults.
    """
    asked = config.resolve(recipe, **options)
    job = Job(Path(run), asked, Limits.of(threads, memory), progress)
    steps.need_selection(job.run)
    with directory.locked(job.run):
        return _train(job)


def _train(job: Job) -> TokenizerTraining:
    counted = training.count(job)
    trained = training.train(job, counted)
    counts = trained.counts
    return TokenizerTraining(
        path=str(_own_tokenizer(job.run)),
        vocab_size=counts["vocab_size"],
        merges=counts["merges"],
        bytes=counts["bytes"],
        pretokens=counts["pretokens"],
        left_out=counts.get("left_out", 0),
        notes=tuple(width_notes(counts["vocab_size"])),
        seconds=counted.seconds + trained.seconds,
    )


def _own_tokenizer(run: Path) -> Path:
    return run / "tokenizer" / "tokenizer.json"


def _tokenizer(job: Job) -> UsedTokenizer:
    """The tokenizer that a recipe or a call names, or else that of the run."""
    steps.need_selection(job.run)
    named, own = job.asked.tokenizer.file, _own_tokenizer(job.run)
    if named is None and not own.exists():
        raise ConfigError(
            f"{job.run}: has no tokenizer; name one, or train it: "
            f"gamayun-data tokenizer train {job.run}",
            path=own,
        )
    return UsedTokenizer.load(Path(named or own))


def plan(
    run: str | Path,
    *,
    recipe: Recipe | str | Path,
    tokenizer: str | Path | None = None,
    threads: int | None = None,
) -> Plan:
    """Plan every stage of a recipe over the selection of a run; refuses what is infeasible.

    Exact once the run is tokenised with the same tokenizer; before that estimated from a sample.
    """
    asked = config.resolve(recipe, tokenizer=tokenizer)
    job = Job(Path(run), asked, Limits.of(threads, None))
    return _plan(job, _tokenizer(job))


def pools_of(run: str | Path, asked: Recipe, *, threads: int | None = None) -> Estimate:
    """The pools of a run with their tokens, as `plan` finds them."""
    job = Job(Path(run), asked, Limits.of(threads, None))
    return _pools(job, _tokenizer(job))


def plan_of(found: Estimate, asked: Recipe) -> Plan:
    """Plan every stage of a recipe over pools; refuses what is infeasible."""
    planned = mix.plan(found.pools, asked.stages, exact=found.exact)
    lacking = lint.without_pool(found.pools, asked.languages)
    return replace(planned, needs=found.needs, warnings=(*planned.warnings, *lacking))


def _plan(job: Job, used: UsedTokenizer) -> Plan:
    if not job.asked.stages:
        raise ConfigError("stages: the recipe has none, so there is nothing to plan")
    return plan_of(_pools(job, used), job.asked)


def _pools(job: Job, used: UsedTokenizer) -> Estimate:
    identity = steps.tokens_identity(job.asked, steps.need_selection(job.run), used)
    tokens = read_receipt(job.run, "tokenise")
    size = used.core.vocab_size
    if tokens and tokens.identity == identity:
        return estimate.from_counts(job.run, size)

    def encode(texts: list[str]) -> tuple[Any, Any]:
        return used.core.encode_batch(texts, threads=job.limits.threads)

    return estimate.from_selection(job.run, encode, size)


def build_shards(
    run: str | Path,
    *,
    recipe: Recipe | str | Path,
    tokenizer: str | Path | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> BuildResult:
    """Tokenise the selection of a run, shuffle it globally, and write shards and manifests.

    The plan is made first from an estimate, and again from exact counts before shards are written.
    """
    asked = config.resolve(recipe, tokenizer=tokenizer)
    job = Job(Path(run), asked, Limits.of(threads, memory), progress)
    used = _tokenizer(job)
    with directory.locked(job.run):
        _plan(job, used)
        return _build(job)[0]


def _build(job: Job) -> tuple[BuildResult, Plan]:
    started = time.perf_counter()
    run, used = job.run, _tokenizer(job)
    tokens = steps.tokenise(job, steps.need_selection(run), used)
    exact = _plan(job, used)
    built = steps.build(job, tokens, used)
    written = manifests.write(run, job.asked, exact, built, used)
    provenance.add_shards(run, tokens, built)
    directory.clear(run, "tokens")
    page_run.write_report(run)
    pools = tuple(_built(pool) for pool in built.counts["pools"])
    files = [path for path in (run / "shards").rglob("*") if path.is_file()]
    result = BuildResult(
        run=str(run),
        pools=pools,
        stages=tuple(stage.name for stage in exact.stages),
        manifests=written,
        files=len(files),
        disk_bytes=sum(path.stat().st_size for path in files),
        seconds=round(time.perf_counter() - started, 3),
        steps=(tokens.row, built.row),
    )
    return result, exact


def _built(pool: Mapping[str, Any]) -> BuiltPool:
    shards = pool["shards"]
    return BuiltPool(
        name=pool["folder"],
        split=pool["split"],
        documents=sum(shard["documents"] for shard in shards),
        tokens=sum(shard["tokens"] for shard in shards),
        bytes=sum(shard["bytes"] for shard in shards),
        shards=len(shards),
    )
