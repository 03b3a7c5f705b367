"""Parity and sweeps on a run: its pretokens are counted once, what it held out is measured."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from gamayun_data import _core, config, directory, steps
from gamayun_data.count_files import target_of
from gamayun_data.counting import PretokenCounts
from gamayun_data.errors import ConfigError
from gamayun_data.fairness import gini
from gamayun_data.parallel_text import ParallelText
from gamayun_data.parity import ALPHA, train_parity
from gamayun_data.receipts import Receipt, identify, step, write_atomic
from gamayun_data.steps import Job, Limits, heard
from gamayun_data.sweep import Sweep, sweep_tokenizers
from gamayun_data.targets import targets_for
from gamayun_data.texts import threads_of
from gamayun_data.yardstick import LanguageCost, Yardstick, sizes_of, yardstick_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from gamayun_data.parity import ParityTraining
    from gamayun_data.pipeline import TokenizerOptions
    from gamayun_data.progress import Progress
    from gamayun_data.recipe import Recipe
    from gamayun_data.tokenizer import Tokenizer

HELD_OUT = "validation"


class CountedOptions(TypedDict, total=False):
    """What training from a file of counts takes, with parity and without."""

    weights: Mapping[str, float]
    special_tokens: Sequence[str]
    min_frequency: int
    max_token_length: int
    threads: int


@dataclass(frozen=True, slots=True)
class FairRow:
    """A language under parity, and under classic training of the same counts.

    `turns` are the merges that it chose. A cost is tokens for the content of a byte of the
    reference; `classic_` is what it was without parity. None where the language is not compared, or
    has no held-out text.
    """

    language: str
    turns: int
    bytes_per_token: float | None
    classic_bytes_per_token: float | None
    cost: float | None
    classic_cost: float | None


@dataclass(frozen=True, slots=True)
class FairTraining:
    """A tokenizer trained with parity, and what it gives and costs each language."""

    path: str
    vocab_size: int
    merges: int
    measured: str
    compared: str
    seconds: float
    languages: tuple[FairRow, ...]

    @property
    def gini(self) -> float:
        """The Gini coefficient of the costs: 0 where all languages pay alike."""
        return gini(row.cost for row in self.languages if row.cost)

    @property
    def classic_gini(self) -> float:
        """The same of classic training."""
        return gini(row.classic_cost for row in self.languages if row.classic_cost)


@dataclass(frozen=True, slots=True)
class Parity:
    """What parity is measured by, and in which form it is trained."""

    parallel: tuple[Path, ...]
    targets: Path | None
    hybrid: int
    window: int | None
    alpha: float

    def identity(self) -> dict[str, Any]:
        """What the result depends on: the contents of files, not their names."""
        files = [*self.parallel, *([self.targets] if self.targets else [])]
        return {
            "files": [hashlib.sha256(file.read_bytes()).hexdigest() for file in files],
            "parallel": len(self.parallel),
            "hybrid": self.hybrid,
            "window": self.window,
            "alpha": self.alpha if self.window else None,
        }


def train_fair_tokenizer(
    run: str | Path,
    *,
    parallel: Sequence[str | Path] = (),
    targets: str | Path | None = None,
    hybrid: int = 0,
    window: int | None = None,
    alpha: float = ALPHA,
    recipe: Recipe | str | Path | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[TokenizerOptions],
) -> FairTraining:
    """Train the tokenizer of a run with parity: `tokenizer/tokenizer.json`, as `train_tokenizer`.

    Languages are compared on `parallel` files, or else by targets (a file; those shipped by
    default). The first `hybrid` tokens are classic, with the weights of the recipe or of `options`.
    The result sets it beside classic training on the held-out text of the run.
    """
    if parallel and targets:
        raise ConfigError("parity: parallel text and targets exclude each other")
    asked = config.resolve(recipe, **options)
    job = Job(Path(run), asked, Limits.of(threads, memory), progress)
    target = None if targets is None else Path(targets)
    parity = Parity(tuple(map(Path, parallel)), target, hybrid, window, alpha)
    selection = steps.need_selection(job.run)
    with directory.locked(job.run):
        counted = steps.count(job, selection)
        trained = _train(job, selection, counted, parity)
    counts = trained.counts
    return FairTraining(
        path=str(job.run / "tokenizer" / "tokenizer.json"),
        vocab_size=counts["vocab_size"],
        merges=counts["merges"],
        measured=counts["measured"],
        compared=counts["compared"],
        seconds=counted.seconds + trained.seconds,
        languages=tuple(FairRow(**row) for row in counts["languages"]),
    )


def train_fair_counts(
    path: str | Path,
    output: str | Path,
    *,
    vocab_size: int = 65_024,
    parallel: Sequence[str | Path] = (),
    targets: str | Path | None = None,
    hybrid: int = 0,
    window: int | None = None,
    alpha: float = ALPHA,
    progress: Progress | None = None,
    **options: Unpack[CountedOptions],
) -> FairTraining:
    """Train with parity from a file of counts and write the `tokenizer.json`: no text is read.

    As `train_fair_tokenizer`; what each language pays is measured on the counts themselves.
    """
    if parallel and targets:
        raise ConfigError("parity: parallel text and targets exclude each other")
    started, target = time.perf_counter(), target_of(output)
    counts = PretokenCounts.load(path)
    text = ParallelText.read(list(map(Path, parallel))) if parallel else None
    given = None if targets is None else Path(targets)
    made = train_parity(
        counts,
        [vocab_size],
        parallel=text,
        targets=None if text else targets_for(list(sizes_of(counts)), given),
        hybrid=hybrid,
        window=window,
        alpha=alpha,
        on_progress=heard(progress, "train"),
        **options,
    )
    [tokenizer] = made.tokenizers
    tokenizer.save(target)
    classic = counts.train(vocab_size, **options)
    yardstick = yardstick_of(counts, None, text, given, threads_of(options.get("threads")))
    compared = _compare(made, classic, yardstick)
    return FairTraining(
        path=str(target),
        vocab_size=tokenizer.vocab_size,
        merges=len(tokenizer.merges),
        measured=compared["measured"],
        compared=compared["compared"],
        seconds=time.perf_counter() - started,
        languages=tuple(FairRow(**row) for row in compared["languages"]),
    )


def _train(job: Job, selection: Receipt, counted: Receipt, parity: Parity) -> Receipt:
    wanted = job.asked.tokenizer
    factors = steps.weights(job.asked, steps.selected_pools(selection))
    weights = {name: factors[name] for name in counted.counts["languages"] if name in factors}
    identity = identify(
        before=counted.identity,
        vocab_size=wanted.vocab_size,
        special_tokens=wanted.special_tokens,
        min_frequency=wanted.min_frequency,
        weights=sorted(weights.items()),
        parity=parity.identity(),
    )

    def work() -> dict[str, Any]:
        counts = PretokenCounts.load(job.run / "tokenizer" / "counts.bin")
        text = ParallelText.read(parity.parallel) if parity.parallel else None
        made = train_parity(
            counts,
            [wanted.vocab_size],
            parallel=text,
            targets=None if text else targets_for(list(sizes_of(counts)), parity.targets),
            hybrid=parity.hybrid,
            window=parity.window,
            alpha=parity.alpha,
            special_tokens=wanted.special_tokens,
            min_frequency=wanted.min_frequency,
            weights=weights,
            threads=job.limits.threads,
            on_progress=job.heard("train"),
        )
        classic = counts.train(
            wanted.vocab_size,
            special_tokens=wanted.special_tokens,
            min_frequency=wanted.min_frequency,
            weights=weights,
            threads=job.limits.threads,
        )
        held_out = _held_out(job, counts)
        yardstick = yardstick_of(counts, held_out, text, parity.targets, job.limits.threads)
        compared = _compare(made, classic, yardstick)
        write_atomic(job.run / "tokenizer" / "tokenizer.json", made.tokenizers[0].core.to_json())
        return {
            "vocab_size": made.tokenizers[0].vocab_size,
            "merges": len(made.tokenizers[0].merges),
            "weights": weights,
            **{name: counted.counts[name] for name in ("pretokens", "documents", "bytes")},
            **compared,
        }

    return step(job.run, "train", identity, work)


def _compare(made: ParityTraining, classic: Tokenizer, yardstick: Yardstick) -> dict[str, Any]:
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
        "languages": rows,
    }


def _gains(row: LanguageCost | None, prefix: str) -> dict[str, float | None]:
    size = row.bytes_per_token if row else None
    cost = row.cost if row and row.content else None
    return {f"{prefix}bytes_per_token": size, f"{prefix}cost": cost}


def _counts_of(job: Job) -> PretokenCounts:
    """The counts of a run, made if they are not there."""
    selection = steps.need_selection(job.run)
    with directory.locked(job.run):
        steps.count(job, selection)
    return PretokenCounts.load(job.run / "tokenizer" / "counts.bin")


def _held_out(job: Job, counts: PretokenCounts) -> PretokenCounts | None:
    """The counts of what the run held out, if it holds something out."""
    found = _core.count_held_out(
        job.run,
        held_out=HELD_OUT,
        split=counts.split,
        threads=job.limits.threads,
        on_progress=job.heard("evaluate"),
    )
    return PretokenCounts(found) if found.languages else None


def sweep_run(
    run: str | Path | None = None,
    *,
    counts: str | Path | None = None,
    vocab_sizes: Sequence[int],
    weightings: Sequence[str] = ("natural",),
    held_out: str | Path | None = None,
    parallel: Sequence[str | Path] = (),
    targets: str | Path | None = None,
    output: str | Path | None = None,
    save: bool = False,
    recipe: Recipe | str | Path | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Sweep sizes and weightings over a run, or over a file of `counts`: see `sweep_tokenizers`.

    Special tokens and least frequency are those of the recipe; of a run so is the split, and its
    held-out text is measured unless a file of counts of such text is given.
    """
    if (run is None) == (counts is None):
        raise ConfigError("sweep: expected either a run or a file of counts", parameter="counts")
    job = Job(Path(run or "."), config.resolve(recipe), Limits.of(threads, memory), progress)
    table = PretokenCounts.load(counts) if counts else _counts_of(job)
    text = PretokenCounts.load(held_out) if held_out else None
    wanted = job.asked.tokenizer
    return sweep_tokenizers(
        table,
        vocab_sizes,
        weightings,
        held_out=_held_out(job, table) if run and not text else text,
        parallel=ParallelText.read(parallel) if parallel else None,
        targets=targets,
        output=output,
        save=save,
        special_tokens=wanted.special_tokens,
        min_frequency=wanted.min_frequency,
        threads=job.limits.threads,
        progress=progress,
    )
