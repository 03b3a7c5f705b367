"""The steps of a run: each calls the core, and is skipped when its receipt says nothing changed.

A receipt, `RUN/steps/NAME.json`, holds the identity of what the step was made from: its own
parameters and the identity of the step before it. Receipts are written last and atomically, so a
killed run goes on with the first step that has none.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gamayun_data import _core, config, mix, recipe
from gamayun_data.errors import ConfigError, FormatError
from gamayun_data.estimate import pool_name
from gamayun_data.results import StepRow

if TYPE_CHECKING:
    from gamayun_data.progress import Progress
    from gamayun_data.recipe import Recipe

FORMAT: Final = 1
"""Raised when what a step writes changes."""

BUNDLED_MODEL: Final = recipe.DATA / "lid.176.ftz"
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
class Receipt:
    """A finished step: what it was made from, what it counted, how long it took."""

    name: str
    identity: str
    counts: Mapping[str, Any]
    seconds: float
    skipped: bool = False

    @property
    def row(self) -> StepRow:
        """The step as a report shows it."""
        counts = self.counts
        size = counts.get("text_bytes", counts.get("bytes", 0))
        return StepRow(self.name, self.seconds, self.skipped, counts.get("documents", 0), size)


def identify(**facts: object) -> str:
    """Hash of facts, in hexadecimal, whatever their order.

    >>> identify(a=1, b=[2]) == identify(b=[2], a=1)
    True
    """
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def write_atomic(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    partial = path.with_name(f"{path.name}.tmp")  # the next try takes what a killed one left
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: object) -> None:
    """Write JSON that people can read, keys in the order given."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def read_receipt(run: Path, name: str) -> Receipt | None:
    """Read the receipt of a step; `None` if the step is not finished."""
    path = run / "steps" / f"{name}.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != FORMAT:
            return None
        return Receipt(name, raw["identity"], raw["counts"], raw["seconds"], skipped=True)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: not the receipt of a step: {error!r}", path=path) from error


def step(run: Path, name: str, identity: str, work: Callable[[], Mapping[str, Any]]) -> Receipt:
    """Do the work and write its receipt, unless the receipt of equal work is there."""
    known = read_receipt(run, name)
    if known and known.identity == identity:
        return known
    path = run / "steps" / f"{name}.json"
    path.unlink(missing_ok=True)
    started = time.perf_counter()
    counts = work()
    seconds = round(time.perf_counter() - started, 3)
    receipt = {"step": name, "format": FORMAT, "identity": identity, "seconds": seconds}
    write_json(path, {**receipt, "counts": counts})
    return Receipt(name, identity, counts, seconds)


def heard(progress: Progress | None, name: str) -> Callable[[int, int, int, int], None] | None:
    """The progress of one step, as the core reports it."""
    if progress is None:
        return None

    def on_progress(done: int, total: int, documents: int, size: int) -> None:
        progress(name, done, total, documents, size)

    return on_progress


# --- what the core is given -------------------------------------------------------------------


def _rules(rules: str | None) -> tuple[str, str | None] | None:
    if rules is None:
        return None
    if recipe.is_path(rules):
        return Path(rules).name, Path(rules).read_text(encoding="utf-8")
    return rules, None


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
            rules=_rules(source.rules)
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
    if all(source.language for source in asked.sources):
        return None
    model = asked.curation.lid_model
    return Path(model) if model else BUNDLED_MODEL


def _file_hash(path: Path) -> str:
    return _core.file_sha256(path)


def _dedup(asked: Recipe) -> dict[str, Any]:
    dedup = asked.dedup
    return {
        "bands": dedup.bands,
        "rows": dedup.rows,
        "shingle": dedup.shingle,
        "threshold": dedup.threshold,
        "dedup_seed": DEDUP_SEED,
    }


# --- curate -----------------------------------------------------------------------------------


def annotate(run: Path, asked: Recipe, limits: Limits, progress: Progress | None) -> Receipt:
    """Inputs to documents, annotations and band files."""
    sources = core_sources(asked)
    model = lid_model(asked)
    inputs = [(*found, _modified(found[1])) for found in _core.find_inputs(sources)]
    identity = identify(
        inputs=inputs,
        sources=[_annotated_by(source) for source in asked.sources],
        languages=sorted(asked.languages),
        model=model and _file_hash(model),
        dedup=[asked.dedup.bands, asked.dedup.rows, asked.dedup.shingle],
        max_document_bytes=asked.curation.max_document_bytes,
        on_bad_record=asked.curation.on_bad_record,
    )

    def work() -> Mapping[str, Any]:
        counts: dict[str, Any] = json.loads(
            _core.annotate(
                run,
                sources,
                list(asked.languages),
                lid_model=model,
                on_bad_record=asked.curation.on_bad_record,
                threads=limits.threads,
                memory=limits.memory,
                on_progress=heard(progress, "annotate"),
                **_dedup(asked),
            )
        )
        return counts

    return step(run, "annotate", identity, work)


def _modified(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def _annotated_by(source: recipe.Source) -> dict[str, Any]:
    """What of a source changes its documents, with the content of a profile for its path."""
    facts = asdict(source)
    del facts["paths"], facts["priority"], facts["licence"], facts["domain"]
    return {**facts, "rules": _rules(source.rules)}


def decide(
    run: Path, asked: Recipe, before: Receipt, limits: Limits, progress: Progress | None
) -> Receipt:
    """Annotations and thresholds to verdicts."""
    given = dict(asked.curation.language_thresholds)
    everything = given.pop(config.EVERY_LANGUAGE, None)
    identity = identify(before=before.identity, given=given, everything=everything)

    def work() -> Mapping[str, Any]:
        counts: dict[str, Any] = json.loads(
            _core.decide(
                run,
                core_sources(asked),
                list(asked.languages),
                language_threshold=everything,
                language_thresholds=given,
                threads=limits.threads,
                on_progress=heard(progress, "decide"),
            )
        )
        return counts

    return step(run, "decide", identity, work)


def dedup(
    run: Path, asked: Recipe, before: Receipt, limits: Limits, progress: Progress | None
) -> Receipt:
    """Band files to clusters and survivors."""
    identity = identify(
        before=before.identity,
        dedup=asdict(asked.dedup),
        priorities={source.name: source.priority for source in asked.sources},
    )

    def work() -> Mapping[str, Any]:
        counts: dict[str, Any] = json.loads(
            _core.dedup(
                run,
                core_sources(asked),
                keep=list(asked.dedup.keep),
                threads=limits.threads,
                memory=limits.memory,
                on_progress=heard(progress, "dedup"),
                **_dedup(asked),
            )
        )
        return counts

    return step(run, "dedup", identity, work)


def select(
    run: Path, asked: Recipe, before: Receipt, limits: Limits, progress: Progress | None
) -> Receipt:
    """Survivors to the selection."""
    domains = {source.name: source.domain for source in asked.sources}
    share = asked.validation.share
    identity = identify(before=before.identity, domains=domains, share=share, seed=asked.seed)

    def work() -> Mapping[str, Any]:
        counts: dict[str, Any] = json.loads(
            _core.select(
                run,
                domains,
                validation_share=share,
                seed=asked.seed,
                threads=limits.threads,
                memory=limits.memory,
                on_progress=heard(progress, "select"),
            )
        )
        return counts

    return step(run, "select", identity, work)


# --- tokenizer --------------------------------------------------------------------------------


def need_selection(run: Path) -> Receipt:
    """The receipt of the selection, or a `ConfigError` that says what to do first."""
    found = read_receipt(run, "select")
    if found is None:
        raise ConfigError(f"{run}: nothing is selected there; run `gamayun-data curate` first")
    return found


def selected_pools(selection: Receipt) -> list[mix.Pool]:
    """The training pools of a selection, in bytes: tokens are not known before a tokenizer is."""
    return [
        mix.Pool(
            name=pool_name(pool["language"], pool["domain"]),
            language=pool["language"],
            domain=pool["domain"],
            documents=pool["documents"],
            tokens=pool["bytes"],
            bytes=pool["bytes"],
        )
        for pool in selection.counts["pools"]
        if pool["split"] == "train"
    ]


def weights(asked: Recipe, pools: list[mix.Pool]) -> dict[str, float]:
    """The factor of each language's counts: 1 for all unless stages or the user say otherwise."""
    given = asked.tokenizer.weights
    if isinstance(given, Mapping):
        return dict(given)
    if given == "natural" or not asked.stages:
        return {}
    return mix.language_weights(pools, asked.stages)


def count(
    run: Path, asked: Recipe, selection: Receipt, limits: Limits, progress: Progress | None
) -> Receipt:
    """The training split to a table of pretokens."""
    split = asked.tokenizer.split

    def work() -> Mapping[str, Any]:
        counts: dict[str, Any] = json.loads(
            _core.count_pretokens(
                run, split=split, threads=limits.threads, on_progress=heard(progress, "count")
            )
        )
        languages = counts["languages"].values()
        documents, size = (sum(column) for column in zip(*languages, strict=True))
        return {**counts, "documents": documents, "bytes": size}

    return step(run, "count", identify(before=selection.identity, split=split), work)


def train(
    run: Path,
    asked: Recipe,
    selection: Receipt,
    counted: Receipt,
    limits: Limits,
    progress: Progress | None,
) -> Receipt:
    """The table of pretokens to `tokenizer/tokenizer.json`."""
    wanted = asked.tokenizer
    factors = weights(asked, selected_pools(selection))
    known = sorted((name, factors[name]) for name in counted.counts["languages"] if name in factors)
    identity = identify(
        before=counted.identity,
        vocab_size=wanted.vocab_size,
        special_tokens=wanted.special_tokens,
        min_frequency=wanted.min_frequency,
        weights=known,
    )

    def work() -> Mapping[str, Any]:
        trained = _core.train_counted(
            run,
            split=wanted.split,
            vocab_size=wanted.vocab_size,
            special_tokens=list(wanted.special_tokens),
            min_frequency=wanted.min_frequency,
            weights=known,
            threads=limits.threads,
            on_progress=heard(progress, "train"),
        )
        write_atomic(run / "tokenizer" / "tokenizer.json", trained.to_json())
        return {
            "vocab_size": trained.vocab_size,
            "merges": len(trained.merges),
            "weights": dict(known),
            "pretokens": counted.counts["pretokens"],
            "documents": counted.counts["documents"],
            "bytes": counted.counts["bytes"],
        }

    return step(run, "train", identity, work)


# --- shards -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UsedTokenizer:
    """The tokenizer that shards are made with: its bytes are copied beside them."""

    core: _core.Tokenizer
    json: bytes
    sha256: str
    eos: int

    @staticmethod
    def load(path: Path) -> UsedTokenizer:
        """Read a `tokenizer.json`; `ConfigError` if no token of it can end documents."""
        raw = path.read_bytes()
        core = _core.Tokenizer.from_json(raw)
        if core.eos is None:
            names = ", ".join(token for _, token in core.special_tokens) or "none"
            raise ConfigError(
                f"{path}: no special token that is known to end documents, such as "
                f"<|endoftext|>; its special tokens are {names}",
                path=path,
            )
        return UsedTokenizer(core, raw, hashlib.sha256(raw).hexdigest(), core.eos)


def tokens_identity(asked: Recipe, selection: Receipt, tokenizer: UsedTokenizer) -> str:
    """What the tokens of a run are made from."""
    return identify(before=selection.identity, tokenizer=tokenizer.sha256, seed=asked.seed)


def tokenise(
    run: Path,
    asked: Recipe,
    selection: Receipt,
    tokenizer: UsedTokenizer,
    limits: Limits,
    progress: Progress | None,
) -> Receipt:
    """The selection to runs of tokens, and the exact count of every pool."""
    identity = tokens_identity(asked, selection, tokenizer)
    built = read_receipt(run, "build")
    if not (run / "tokens").exists() and not (built and built.counts["tokens"] == identity):
        (run / "steps" / "tokenise.json").unlink(missing_ok=True)  # its runs were cleared away

    def work() -> Mapping[str, Any]:
        counts: dict[str, Any] = json.loads(
            _core.tokenise(
                run,
                tokenizer.core,
                eos=tokenizer.eos,
                seed=asked.seed,
                identity=identity,
                threads=limits.threads,
                on_progress=heard(progress, "tokenise"),
            )
        )
        pools = counts["pools"]
        documents = sum(pool["documents"] for pool in pools)
        return {**counts, "documents": documents, "bytes": sum(pool["bytes"] for pool in pools)}

    return step(run, "tokenise", identity, work)


def build(
    run: Path,
    asked: Recipe,
    tokens: Receipt,
    tokenizer: UsedTokenizer,
    limits: Limits,
    progress: Progress | None,
) -> Receipt:
    """Runs of tokens to shards; the runs are cleared away after it."""
    size = asked.shards.max_shard_bytes
    identity = identify(before=tokens.identity, max_shard_bytes=size)

    def work() -> Mapping[str, Any]:
        counts: dict[str, Any] = json.loads(
            _core.build_shards(
                run,
                vocab_size=tokenizer.core.vocab_size,
                eos=tokenizer.eos,
                tokenizer_sha256=bytes.fromhex(tokenizer.sha256),
                max_shard_bytes=size,
                threads=limits.threads,
                on_progress=heard(progress, "build"),
            )
        )
        write_atomic(run / "shards" / "tokenizer.json", tokenizer.json.decode())
        documents = sum(shard["documents"] for pool in counts["pools"] for shard in pool["shards"])
        return {**counts, "tokens": tokens.identity, "documents": documents}

    return step(run, "build", identity, work)
