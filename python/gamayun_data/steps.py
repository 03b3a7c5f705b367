"""The steps of a run: each calls the core, and is skipped when its receipt says nothing changed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, config, mix, recipe, references, scoring
from gamayun_data.cleaning import annotated_by, annotating, decided_by, deciding
from gamayun_data.errors import ConfigError, FormatError
from gamayun_data.estimate import pool_name
from gamayun_data.planned import parted
from gamayun_data.receipts import FORMAT, Receipt, identify, read_receipt, step, write_atomic
from gamayun_data.removal_rates import run_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gamayun_data.progress import Progress
    from gamayun_data.recipe import Recipe

DEDUP_SEED: Final = 0
"""Signatures do not follow the seed of the run, so that runs with another seed can share them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a step may use; never part of an identity."""

    threads: int
    memory: int

    @staticmethod
    def of(threads: int | None, memory: int | None) -> Limits:
        """All cores that the process may use, and four fifths of the machine's memory."""
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return Limits(threads or len(os.sched_getaffinity(0)), memory or machine * 4 // 5)


@dataclass(frozen=True, slots=True)
class Job:
    """A run at work: where it is, what is asked for, what it may use, and who hears of it."""

    run: Path
    asked: Recipe
    limits: Limits
    progress: Progress | None = None

    def heard(self, name: str) -> Callable[[int, int, int, int], None] | None:
        """The progress of one step, as the core reports it."""
        return heard(self.progress, name)


def heard(progress: Progress | None, name: str) -> Callable[[int, int, int, int], None] | None:
    """The progress of one step, as the core reports it."""
    if progress is None:
        return None

    def on_progress(done: int, total: int, documents: int, size: int) -> None:
        progress(name, done, total, documents, size)

    return on_progress


def _counts(answer: str) -> dict[str, Any]:
    """What the core counted; it answers in JSON."""
    counts: dict[str, Any] = json.loads(answer)
    return counts


def _sums(rows: list[dict[str, Any]], *names: str) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in names}


# --- what the core is given -------------------------------------------------------------------


def core_rules(rules: str | None) -> tuple[str, str | None] | None:
    """The rules of a source: a name, with its text if it is a file."""
    if rules is None:
        return None
    path = Path(rules)
    if recipe.is_path(rules):
        with _usable(path):
            return path.name, path.read_text(encoding="utf-8")
    return rules, None


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    """Turn what is wrong with a file that a recipe names into a `ConfigError`."""
    try:
        yield
    except (FormatError, OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        told = str(why).removeprefix(f"{path}: ")
        raise ConfigError(f"{path}: cannot be used: {told}", path=path) from error


def check_files(asked: Recipe) -> None:
    """Refuse a language model, profile or tokenizer that cannot be used, before any work."""
    core_sources(asked)
    scoring.check_files(asked)
    model = lid_model(asked)
    if model is not None and model not in recipe.BUNDLED_MODELS.values():
        with _usable(model):
            _core.LanguageModel.open(model)
    if asked.stages and asked.tokenizer.file:
        UsedTokenizer.load(Path(asked.tokenizer.file))


def core_sources(asked: Recipe) -> list[_core.Source]:
    """The sources of a recipe as the core takes them."""
    profiles = set(_core.profile_names())
    return [
        _core.Source(
            source.name,
            list(source.paths),
            priority=source.priority,
            domain=source.domain,
            licence=source.licence or "",
            language=source.language,
            # A source of a stated language without a profile, such as code, is not prose.
            rules=core_rules(source.rules)
            or (("none", None) if source.language and source.language not in profiles else None),
            text_column=source.text_column,
            id_column=source.id_column,
            format=source.format,
            text_unit=source.text_unit,
            max_document_bytes=asked.curation.max_document_bytes,
        )
        for source in asked.sources
    ]


def lid_model(asked: Recipe) -> Path | None:
    """The language model, unless every source states its language."""
    if all(source.language for source in asked.sources) and not asked.segments.wanted:
        return None
    return recipe.model_path(asked.curation.lid_model)


def core_dedup(asked: Recipe) -> dict[str, Any]:
    """How duplicates are found, as the core takes it."""
    dedup = asked.dedup
    return {
        "compare": dedup.compare,
        "bands": dedup.bands,
        "rows": dedup.rows,
        "shingle": dedup.shingle,
        "threshold": dedup.threshold,
        "dedup_seed": DEDUP_SEED,
    }


# --- curate -----------------------------------------------------------------------------------


def annotate(job: Job) -> Receipt:
    """Inputs to documents, annotations and band files."""
    asked = job.asked
    sources, model = core_sources(asked), lid_model(asked)
    found, more = inputs(asked), annotated_by(asked.clean, asked.segments)
    said = {"file": model.name, "sha256": _core.file_sha256(model)} if model else None
    near = asked.dedup.compare == "near"  # without it nothing is signed
    maker = identify(
        sources=[_annotated_by(source) for source in asked.sources],
        languages=sorted(asked.languages),
        model=said and said["sha256"],
        dedup=[asked.dedup.bands, asked.dedup.rows, asked.dedup.shingle, near],
        max_document_bytes=asked.curation.max_document_bytes,
        on_bad_record=asked.curation.on_bad_record,
        **more,
    )
    identity = identify(inputs=found, maker=maker)

    def work() -> dict[str, Any]:
        forget_other_parts(job.run, maker)
        answer = _core.annotate(
            job.run,
            sources,
            list(asked.languages),
            lid_model=model,
            on_bad_record=asked.curation.on_bad_record,
            threads=job.limits.threads,
            memory=job.limits.memory,
            **annotating(asked.clean, asked.segments),
            on_progress=job.heard("annotate"),
            **core_dedup(asked),
        )
        return {**_counts(answer), "language_model": said}

    return step(job.run, "annotate", identity, work)


def forget_other_parts(run: Path, maker: str) -> None:
    """Remove the parts that an earlier try made in another way, such as with another model."""
    path = run / "documents" / "maker.json"
    made_in = {"format": FORMAT, "maker": maker}
    if path.exists() and json.loads(path.read_text(encoding="utf-8")) != made_in:
        for folder in ("documents", "annotations", "bands", "cleaning", "segments"):
            shutil.rmtree(run / folder, ignore_errors=True)
    write_atomic(path, json.dumps(made_in))


def inputs(asked: Recipe) -> list[tuple[str, str, int, int | None, int]]:
    """Every input that a recipe names: source, path, bytes, row group, and when it changed last."""
    return [(*found, _modified(found[1])) for found in _core.find_inputs(core_sources(asked))]


def made_by(asked: Recipe) -> dict[str, Any]:
    """What decides the documents of a recipe and the pairs of them that are compared."""
    return {
        "sources": [_annotated_by(source) for source in asked.sources],
        "priorities": [source.priority for source in asked.sources],
        "dedup": {**core_dedup(asked), "containment": asked.dedup.containment},
        "max_document_bytes": asked.curation.max_document_bytes,
        "on_bad_record": asked.curation.on_bad_record,
        **annotated_by(asked.clean, asked.segments),
    }


def _modified(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def _annotated_by(source: recipe.Source) -> dict[str, Any]:
    """What of a source changes its documents, with the content of a profile for its path."""
    facts = asdict(source)
    del facts["paths"], facts["priority"], facts["licence"], facts["domain"]
    return {**facts, "rules": core_rules(source.rules)}


def decide(job: Job, before: Receipt) -> Receipt:
    """Annotations and thresholds to verdicts."""
    given = dict(job.asked.curation.language_thresholds)
    everything = given.pop(config.EVERY_LANGUAGE, None)
    outside = job.asked.clean, job.asked.segments
    scored = {**scoring.identity(job.asked), **decided_by(*outside)}
    identity = identify(before=before.identity, given=given, everything=everything, **scored)

    def work() -> dict[str, Any]:
        answer = _core.decide(
            job.run,
            core_sources(job.asked),
            list(job.asked.languages),
            language_threshold=everything,
            language_thresholds=given,
            **deciding(*outside),
            threads=job.limits.threads,
            on_progress=job.heard("decide"),
        )
        return scoring.score(
            job.run,
            job.asked,
            _counts(answer),
            **asdict(job.limits),
            on_progress=job.heard("score"),
        )

    return step(job.run, "decide", identity, work)


def dedup(job: Job, before: Receipt) -> Receipt:
    """Band files to clusters and survivors."""
    asked, compared = job.asked, references.find(job.asked)
    annotate = asked.dedup.against_action == "annotate"
    identity = identify(
        before=before.identity,
        against=[one.said for one in compared] + [annotate] * bool(compared),
        dedup={
            **core_dedup(asked),
            "keep": asked.dedup.keep,
            "containment": asked.dedup.containment,
        },
        priorities={source.name: source.priority for source in asked.sources},
    )

    def work() -> dict[str, Any]:
        answer = _core.dedup(
            job.run,
            core_sources(asked),
            containment=asked.dedup.containment,
            keep=list(asked.dedup.keep),
            against=[(one.name, one.name) for one in compared],
            annotate=annotate,
            identity=identity,
            threads=job.limits.threads,
            memory=job.limits.memory,
            on_progress=job.heard("dedup"),
            **core_dedup(asked),
        )
        references.write_list(job.run, compared)
        return {**_counts(answer), "references": [one.said for one in compared]}

    return step(job.run, "dedup", identity, work)


def select(job: Job, before: Receipt) -> Receipt:
    """Survivors to the selection."""
    domains = {source.name: source.domain for source in job.asked.sources}
    share, seed = job.asked.validation.share, job.asked.seed
    asked, buckets = job.asked.dedup.rehydrate, job.asked.pools.buckets
    facts: dict[str, Any] = {"domains": domains, "share": share, "seed": seed, "rehydrate": asked}
    if buckets:
        facts["buckets"] = buckets
    identity = identify(before=before.identity, **facts)

    def work() -> dict[str, Any]:
        repeats = run_weights(job.run, asked)
        answer = _core.select(
            job.run,
            domains,
            weights=repeats,
            validation_share=share,
            seed=seed,
            threads=job.limits.threads,
            memory=job.limits.memory,
            buckets=buckets,
            on_progress=job.heard("select"),
        )
        shown = {
            language: {str(size): weight for size, weight in weights.items()}
            for language, weights in repeats.items()
        }
        return {**_counts(answer), "rehydration": shown}

    return step(job.run, "select", identity, work)


# --- tokenizer --------------------------------------------------------------------------------


def need_selection(run: Path) -> Receipt:
    """The receipt of the selection, or a `ConfigError` that says what to do first."""
    found = read_receipt(run, "select")
    if found is None:
        raise ConfigError(f"{run}: nothing is selected there; run `gamayun-data curate` first")
    if not found.counts["documents"]:
        raise ConfigError(f"{run}: no document survived, so there is nothing to go on with")
    return found


def selected_pools(selection: Receipt) -> list[mix.Pool]:
    """The training pools of a selection: `tokens` are the bytes to be read, repeats included.

    Tokens are not known before a tokenizer is. `bytes` are those of the selection, each once.
    """
    return [
        mix.Pool(
            name=pool_name(pool["language"], pool["domain"]),
            language=pool["language"],
            domain=parted(pool["domain"])[0],
            documents=pool["copies"],
            tokens=pool["copied_bytes"],
            bytes=pool["bytes"],
            repeated_tokens=pool["copied_bytes"] - pool["bytes"],
            bucket=parted(pool["domain"])[1],
        )
        for pool in selection.counts["pools"]
        if pool["split"] == "train"
    ]


# --- shards -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UsedTokenizer:
    """The tokenizer that shards are made with: its bytes are copied beside them."""

    path: Path
    core: _core.Tokenizer
    json: bytes
    sha256: str
    eos: int

    @staticmethod
    def load(path: Path) -> UsedTokenizer:
        """Read a `tokenizer.json`; `ConfigError` if it is none that can end documents."""
        with _usable(path):
            raw = path.read_bytes()
            core = _core.Tokenizer.from_json(raw)
        if core.eos is None:
            names = ", ".join(token for _, token in core.special_tokens) or "none"
            raise ConfigError(
                f"{path}: no special token that is known to end documents, such as "
                f"<|endoftext|>; its special tokens are {names}",
                path=path,
            )
        return UsedTokenizer(path, core, raw, hashlib.sha256(raw).hexdigest(), core.eos)


def tokens_identity(asked: Recipe, selection: Receipt, tokenizer: UsedTokenizer) -> str:
    """What the tokens of a run are made from."""
    return identify(before=selection.identity, tokenizer=tokenizer.sha256, seed=asked.seed)


def tokenise(job: Job, selection: Receipt, tokenizer: UsedTokenizer) -> Receipt:
    """The selection to runs of tokens, and the exact count of every pool."""
    identity = tokens_identity(job.asked, selection, tokenizer)
    built = read_receipt(job.run, "build")
    if not (job.run / "tokens").exists() and not (built and built.counts["tokens"] == identity):
        (job.run / "steps" / "tokenise.json").unlink(missing_ok=True)  # its runs were cleared away

    def work() -> dict[str, Any]:
        answer = _core.tokenise(
            job.run,
            tokenizer.core,
            eos=tokenizer.eos,
            seed=job.asked.seed,
            identity=identity,
            threads=job.limits.threads,
            on_progress=job.heard("tokenise"),
        )
        counts = _counts(answer)
        return {**counts, **_sums(counts["pools"], "documents", "bytes")}

    return step(job.run, "tokenise", identity, work)


def build(job: Job, tokens: Receipt, tokenizer: UsedTokenizer) -> Receipt:
    """Runs of tokens to shards; the runs are cleared away after it."""
    size = job.asked.shards.max_shard_bytes
    identity = identify(before=tokens.identity, max_shard_bytes=size)

    def work() -> dict[str, Any]:
        answer = _core.build_shards(
            job.run,
            vocab_size=tokenizer.core.vocab_size,
            eos=tokenizer.eos,
            tokenizer_sha256=bytes.fromhex(tokenizer.sha256),
            max_shard_bytes=size,
            threads=job.limits.threads,
            on_progress=job.heard("build"),
        )
        write_atomic(job.run / "shards" / "tokenizer.json", tokenizer.json.decode())
        counts = _counts(answer)
        shards = [shard for pool in counts["pools"] for shard in pool["shards"]]
        return {**counts, "tokens": tokens.identity, **_sums(shards, "documents")}

    return step(job.run, "build", identity, work)
