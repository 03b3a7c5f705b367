"""A sweep: vocabularies of many sizes and weightings from one table, and what each costs whom."""

from __future__ import annotations

import json
import math
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gamayun_data.errors import ConfigError
from gamayun_data.fairness import gini, spread
from gamayun_data.page_sweep import sweep_page
from gamayun_data.parity import train_parity
from gamayun_data.receipts import write_atomic
from gamayun_data.results import to_json
from gamayun_data.targets import targets_for
from gamayun_data.texts import threads_of
from gamayun_data.tokenizer import Tokenizer
from gamayun_data.weighting import Weighting, parse_weighting
from gamayun_data.yardstick import LanguageCost, Yardstick, compared, sizes_of, yardstick_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gamayun_data.counting import PretokenCounts
    from gamayun_data.parallel_text import ParallelText
    from gamayun_data.progress import Progress

    OnProgress = Callable[[int, int, int, int], None]


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One vocabulary. `tokens` are those that it has: fewer than `vocab_size` if text ran out."""

    weighting: str
    vocab_size: int
    tokens: int
    languages: tuple[LanguageCost, ...]
    file: str | None

    @property
    def gini(self) -> float:
        """The Gini coefficient of the costs: 0 where all languages pay alike."""
        return gini(compared(self.languages))

    @property
    def spread(self) -> float:
        """The highest cost over the lowest."""
        return spread(compared(self.languages))

    @property
    def mean_cost(self) -> float:
        """The mean of the costs, each language once."""
        costs = compared(self.languages)
        return math.fsum(costs) / len(costs) if costs else math.nan


@dataclass(frozen=True, slots=True)
class Sweep:
    """All vocabularies, on which text they were measured, and the seconds of each training."""

    measured: str
    compared: str
    points: tuple[SweepPoint, ...]
    seconds: Mapping[str, float]
    page: str | None


def sweep_tokenizers(
    counts: PretokenCounts,
    vocab_sizes: Sequence[int],
    weightings: Sequence[str] = ("natural",),
    *,
    held_out: PretokenCounts | None = None,
    parallel: ParallelText | None = None,
    targets: str | Path | None = None,
    output: str | Path | None = None,
    save: bool = False,
    special_tokens: Sequence[str] = ("<|endoftext|>",),
    min_frequency: int = 2,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Train every size with every weighting and measure each by language.

    All sizes of a weighting cost one training. Bytes per token are of `held_out` text, or else of
    the counts themselves. Costs, and parity, are measured on `parallel` text, or else by `targets`
    (a file; those shipped by default). With an `output` folder a page of curves (`sweep.html`) and
    `sweep.json` are written there, and with `save` each tokenizer.

    >>> from gamayun_data import PretokenCounts
    >>> counts = PretokenCounts.of_texts({"en": ["low lower lowest"] * 9, "de": ["froh"] * 5})
    >>> done = sweep_tokenizers(counts, [258, 262], ["natural", "parity"])
    >>> [(point.weighting, point.vocab_size, point.tokens) for point in done.points]
    [('natural', 258, 258), ('natural', 262, 262), ('parity', 258, 258), ('parity', 262, 262)]
    """
    chosen = [parse_weighting(text) for text in weightings]
    _check(vocab_sizes, chosen, counts, held_out)
    folder = None if output is None else Path(output)
    if save and folder is None:
        raise ConfigError("save: needs a folder to save to", parameter="output")
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    yardstick = yardstick_of(counts, held_out, parallel, targets, threads_of(threads))
    points: list[SweepPoint] = []
    seconds: dict[str, float] = {}
    for weighting in chosen:
        start = time.monotonic()
        made = _train(
            counts,
            sorted(set(vocab_sizes)),
            weighting,
            parallel=parallel,
            targets=targets,
            special_tokens=special_tokens,
            min_frequency=min_frequency,
            threads=threads_of(threads),
            on_progress=_heard(progress, weighting.name),
        )
        seconds[weighting.name] = time.monotonic() - start
        saved = folder if save else None
        points += [_point(weighting, *one, yardstick, saved) for one in made.items()]
    page = str(folder / "sweep.html") if folder else None
    result = Sweep(yardstick.measured, yardstick.compared, tuple(points), seconds, page)
    if folder:
        sweep_page(result).write(folder / "sweep.html")
        # Seconds differ from run to run; what is written does not.
        told = to_json(replace(result, seconds={}))
        write_atomic(folder / "sweep.json", json.dumps(told, ensure_ascii=False))
    return result


def _point(
    weighting: Weighting, size: int, made: Tokenizer, yardstick: Yardstick, folder: Path | None
) -> SweepPoint:
    file = None if folder is None else str(_save(made, folder, weighting, size))
    return SweepPoint(weighting.name, size, made.vocab_size, yardstick.measure(made), file)


def _check(
    vocab_sizes: Sequence[int],
    weightings: Sequence[Weighting],
    counts: PretokenCounts,
    held_out: PretokenCounts | None,
) -> None:
    names = [weighting.name for weighting in weightings]
    if not vocab_sizes or not weightings or len(set(names)) < len(names):
        raise ConfigError("sweep: expected sizes, and weightings each once", parameter="weights")
    sizes = sizes_of(counts)
    if not sum(sizes.values()):
        raise ConfigError("counts: hold no text", parameter="counts")
    for weighting in weightings:
        weighting.weights(sizes)  # refuses a language that was not counted
    if held_out and held_out.split != counts.split:
        raise ConfigError(
            f"held-out text was counted with split {held_out.split}, not with {counts.split}",
            parameter="held_out",
        )


def _train(
    counts: PretokenCounts,
    vocab_sizes: list[int],
    weighting: Weighting,
    *,
    parallel: ParallelText | None,
    targets: str | Path | None,
    special_tokens: Sequence[str],
    min_frequency: int,
    threads: int,
    on_progress: OnProgress | None,
) -> dict[int, Tokenizer]:
    weights = weighting.weights(sizes_of(counts))
    if weighting.parity:
        training = train_parity(
            counts,
            vocab_sizes,
            parallel=parallel,
            targets=None if parallel else targets_for(list(sizes_of(counts)), targets),
            hybrid=weighting.hybrid,
            window=weighting.window,
            special_tokens=special_tokens,
            min_frequency=min_frequency,
            weights=weights,
            threads=threads,
            on_progress=on_progress,
        )
        return dict(zip(vocab_sizes, training.tokenizers, strict=True))
    cores = counts.core.train(
        vocab_sizes,
        special_tokens=list(special_tokens),
        min_frequency=min_frequency,
        max_token_length=None,
        weights=sorted(weights.items()),
        threads=threads,
        on_progress=on_progress,
    )
    return {size: Tokenizer(core) for size, core in zip(vocab_sizes, cores, strict=True)}


def _save(tokenizer: Tokenizer, folder: Path, weighting: Weighting, size: int) -> Path:
    name = re.sub(r"[^\w.=-]+", "-", weighting.name)
    path = folder / f"{name}-{size}.json"
    tokenizer.save(path)
    return path


def _heard(progress: Progress | None, name: str) -> OnProgress | None:
    if progress is None:
        return None

    def on_progress(done: int, total: int, documents: int, size: int) -> None:
        progress(f"train {name}", done, total, documents, size)

    return on_progress
