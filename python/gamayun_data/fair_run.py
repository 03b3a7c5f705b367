"""Parity and sweeps on a run: its pretokens are counted once, what it held out is measured."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from gamayun_data import config, directory, steps, training
from gamayun_data.count_files import target_of
from gamayun_data.counting import PretokenCounts
from gamayun_data.errors import ConfigError
from gamayun_data.fairness import gini
from gamayun_data.parallel_text import ParallelText
from gamayun_data.parity import ALPHA, train_parity
from gamayun_data.recipe import RESERVED, Parity
from gamayun_data.steps import Job, Limits, heard
from gamayun_data.sweep import Sweep, sweep_tokenizers
from gamayun_data.targets import targets_for
from gamayun_data.texts import threads_of
from gamayun_data.yardstick import sizes_of, yardstick_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Unpack

    from gamayun_data.call_options import TokenizerOptions
    from gamayun_data.progress import Progress
    from gamayun_data.recipe import Recipe


class CountedOptions(TypedDict, total=False):
    """What training from a file of counts takes, with parity and without."""

    weights: Mapping[str, float]
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


def train_fair_tokenizer(
    run: str | Path,
    *,
    parallel: Sequence[str | Path] = (),
    targets: str | Path | None = None,
    hybrid: int | None = None,
    window: int | None = None,
    alpha: float | None = None,
    recipe: Recipe | str | Path | None = None,
    threads: int | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[TokenizerOptions],
) -> FairTraining:
    """Train the tokenizer of a run with parity: `tokenizer/tokenizer.json`, as `train_tokenizer`.

    Languages are compared on `parallel` files, or else by targets (a file; those shipped by
    default). The first `hybrid` tokens are classic, with the weights of the recipe or of `options`.
    What is not said here is as in `[tokenizer.parity]` of the recipe. The result sets it beside
    classic training on the held-out text of the run.
    """
    asked = config.resolve(recipe, **options)
    how = _overridden(asked.tokenizer.parity or Parity(), parallel, targets)
    own: dict[str, Any] = {"hybrid": hybrid, "window": window, "alpha": alpha}
    how = replace(how, **{name: value for name, value in own.items() if value is not None})
    asked = replace(asked, tokenizer=replace(asked.tokenizer, parity=how))
    job = Job(Path(run), asked, Limits.of(threads, memory), progress)
    steps.need_selection(job.run)
    with directory.locked(job.run):
        counted = training.count(job)
        trained = training.train(job, counted)
    return FairTraining(
        path=str(job.run / "tokenizer" / "tokenizer.json"),
        **{name: trained.counts[name] for name in ("vocab_size", "merges", "measured", "compared")},
        seconds=counted.seconds + trained.seconds,
        languages=tuple(FairRow(**row) for row in trained.counts["compared_languages"]),
    )


def asks_parity(recipe: Recipe | str | Path | None) -> bool:
    """Whether a recipe wants its tokenizer trained with parity."""
    return config.resolve(recipe).tokenizer.parity is not None


def _overridden(
    parity: Parity, parallel: Sequence[str | Path], targets: str | Path | None
) -> Parity:
    """Put the measure that a call names in the place of the recipe's."""
    if not parallel and targets is None:
        return parity
    given: Any = None if targets is None else str(targets)
    return replace(parity, parallel=tuple(map(str, parallel)), targets=given)


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
    special_tokens: Sequence[str] = ("<|endoftext|>",),
    reserved: int = 0,
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
    specials = [*special_tokens, *map(RESERVED.format, range(reserved))]
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
        special_tokens=specials,
        on_progress=heard(progress, "train"),
        **options,
    )
    [tokenizer] = made.tokenizers
    tokenizer.save(target)
    classic = counts.train(vocab_size, special_tokens=specials, **options)
    yardstick = yardstick_of(counts, None, text, given, threads_of(options.get("threads")))
    compared = training.compare(made, classic, yardstick)
    return FairTraining(
        path=str(target),
        vocab_size=tokenizer.vocab_size,
        merges=len(tokenizer.merges),
        measured=compared["measured"],
        compared=compared["compared"],
        seconds=time.perf_counter() - started,
        languages=tuple(FairRow(**row) for row in compared["compared_languages"]),
    )


def _counts_of(job: Job) -> PretokenCounts:
    """The counts of a run, made if they are not there."""
    steps.need_selection(job.run)
    with directory.locked(job.run):
        training.count(job)
    return PretokenCounts.load(training.counts_file(job.run))


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
        held_out=training.held_out(job, table) if run and not text else text,
        parallel=ParallelText.read(parallel) if parallel else None,
        targets=targets,
        output=output,
        save=save,
        special_tokens=wanted.special_tokens,
        min_frequency=wanted.min_frequency,
        threads=job.limits.threads,
        progress=progress,
    )
