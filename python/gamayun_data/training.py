"""A run's tokenizer as steps: pretokens counted once, then trained on, classic or with parity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gamayun_data import _core, mix
from gamayun_data.counting import PretokenCounts
from gamayun_data.parallel_text import ParallelText
from gamayun_data.parity import train_parity
from gamayun_data.receipts import Receipt, identify, step, write_atomic
from gamayun_data.steps import need_selection, selected_pools
from gamayun_data.targets import targets_for
from gamayun_data.weighting import parse_weighting
from gamayun_data.yardstick import LanguageCost, Yardstick, sizes_of, yardstick_of

if TYPE_CHECKING:
    from gamayun_data.parity import ParityTraining
    from gamayun_data.recipe import Parity, Recipe
    from gamayun_data.steps import Job
    from gamayun_data.tokenizer import Tokenizer

HELD_OUT = "validation"


def weights(asked: Recipe, pools: list[mix.Pool]) -> dict[str, float]:
    """The factor of each language's counts: 1 for all unless stages or the user say otherwise."""
    given = asked.tokenizer.weights
    if isinstance(given, Mapping):
        return dict(given)
    if given != "stages":
        return parse_weighting(given).weights(mix.language_sizes(pools))
    return mix.language_weights(pools, asked.stages) if asked.stages else {}


def count(job: Job) -> Receipt:
    """The training split to a table of pretokens."""
    selection, split = need_selection(job.run), job.asked.tokenizer.split

    def work() -> dict[str, Any]:
        answer = _core.count_pretokens(
            job.run,
            split=split,
            threads=job.limits.threads,
            memory=job.limits.memory,
            on_progress=job.heard("count"),
        )
        counts: dict[str, Any] = json.loads(answer)
        languages = counts["languages"].values()
        documents = sum(documents for documents, _ in languages)
        return {**counts, "documents": documents, "bytes": sum(size for _, size in languages)}

    return step(job.run, "count", identify(before=selection.identity, split=split), work)


def counts_file(run: Path) -> Path:
    """Where the table of pretokens lies."""
    return run / "tokenizer" / "counts.bin"


def train(job: Job, counted: Receipt) -> Receipt:
    """The table of pretokens to `tokenizer/tokenizer.json`, in the way that is asked for."""
    wanted = job.asked.tokenizer
    factors = weights(job.asked, selected_pools(need_selection(job.run)))
    known = {name: factors[name] for name in sorted(counted.counts["languages"]) if name in factors}
    asked: dict[str, Any] = {
        "special_tokens": wanted.specials,
        "min_frequency": wanted.min_frequency,
        "max_token_length": wanted.max_token_length,
    }
    identity = identify(
        before=counted.identity,
        vocab_size=wanted.vocab_size,
        weights=sorted(known.items()),
        min_pretoken_count=wanted.min_pretoken_count,
        parity=wanted.parity and wanted.parity.identity(),
        **asked,
    )

    def work() -> dict[str, Any]:
        if wanted.parity:
            core, told = _train_fair(job, wanted.parity, known, asked)
        else:
            core, told = _train_classic(job, known, asked)
        write_atomic(job.run / "tokenizer" / "tokenizer.json", core.to_json())
        return {
            "vocab_size": core.vocab_size,
            "merges": len(core.merges),
            "weights": known,
            **{name: counted.counts[name] for name in ("pretokens", "documents", "bytes")},
            **told,
        }

    return step(job.run, "train", identity, work)


def _train_classic(
    job: Job, known: Mapping[str, float], asked: dict[str, Any]
) -> tuple[_core.Tokenizer, dict[str, Any]]:
    [core], _, left_out, occurrences = _core.train_count_file(
        counts_file(job.run),
        [job.asked.tokenizer.vocab_size],
        **asked,
        weights=sorted(known.items()),
        min_pretoken_count=job.asked.tokenizer.min_pretoken_count,
        threads=job.limits.threads,
        memory=job.limits.memory,
        on_progress=job.heard("train"),
    )
    return core, {"left_out": left_out, "occurrences_left_out": occurrences}


def _train_fair(
    job: Job, parity: Parity, known: Mapping[str, float], asked: dict[str, Any]
) -> tuple[_core.Tokenizer, dict[str, Any]]:
    """Train with parity, and classically beside it to tell what that gives and costs."""
    size, threads = job.asked.tokenizer.vocab_size, job.limits.threads
    counts = PretokenCounts.load(counts_file(job.run))
    targets = None if parity.targets is None else Path(parity.targets)
    text = ParallelText.read(list(map(Path, parity.parallel))) if parity.parallel else None
    made = train_parity(
        counts,
        [size],
        parallel=text,
        targets=None if text else targets_for(list(sizes_of(counts)), targets),
        hybrid=parity.hybrid,
        window=parity.window,
        alpha=parity.alpha,
        weights=known,
        threads=threads,
        on_progress=job.heard("train"),
        **asked,
    )
    classic = counts.train(size, weights=known, threads=threads, **asked)
    yardstick = yardstick_of(counts, held_out(job, counts), text, targets, threads)
    return made.tokenizers[0].core, compare(made, classic, yardstick)


def held_out(job: Job, counts: PretokenCounts) -> PretokenCounts | None:
    """The counts of what the run held out, if it holds something out."""
    found = _core.count_held_out(
        job.run,
        held_out=HELD_OUT,
        split=counts.split,
        threads=job.limits.threads,
        on_progress=job.heard("evaluate"),
    )
    return PretokenCounts(found) if found.languages else None


def compare(made: ParityTraining, classic: Tokenizer, yardstick: Yardstick) -> dict[str, Any]:
    """What each language pays, beside classic training."""
    before = {row.language: row for row in yardstick.measure(classic)}
    after = {row.language: row for row in yardstick.measure(made.tokenizers[0])}
    rows = [
        {
            "language": row.language,
            "turns": row.turns,
            **_gains(after.get(row.language), ""),
            **_gains(before.get(row.language), "classic_"),
        }
        for row in made.languages
    ]
    return {
        "measured": yardstick.measured,
        "compared": yardstick.compared,
        "compared_languages": rows,
    }


def _gains(row: LanguageCost | None, prefix: str) -> dict[str, float | None]:
    size = row.bytes_per_token if row else None
    cost = row.cost if row and row.content else None
    return {f"{prefix}bytes_per_token": size, f"{prefix}cost": cost}
