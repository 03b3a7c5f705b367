"""The batches of one rank, step by step, from any sample on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gamayun_data.errors import ConfigError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gamayun_data.loader.batch import Batch, Stretch
    from gamayun_data.loader.dataset import TokenDataset

VERSION: Final = 1


class TokenLoader:
    """Batches of a stage for one rank.

    A step takes the next `batch_size` × `world_size` samples of the stage; each rank takes its
    part of them, one after another. All ranks have the same number of steps; the last may be short,
    and is dealt out evenly. The state is one number, the next sample of the stage, and the identity
    of the manifest, so that another number of ranks or samples a batch can go on from it. Worker
    processes share the steps out among them: `batch(step)` is the same wherever it is called.

    Example:
        >>> stage = TokenDataset("RUN", "one")                              # doctest: +SKIP
        >>> loader = TokenLoader(stage, 8, rank=3, world_size=16)           # doctest: +SKIP
        >>> for batch in loader:                                            # doctest: +SKIP
        ...     train(batch.tokens)
        ...     state = loader.state_dict()
    """

    def __init__(
        self,
        dataset: TokenDataset,
        batch_size: int,
        *,
        rank: int = 0,
        world_size: int = 1,
        documents: bool = True,
    ) -> None:
        """Begin at the first sample; `ConfigError` for numbers that cannot be."""
        _check("batch_size", batch_size, 1, None)
        _check("world_size", world_size, 1, None)
        _check("rank", rank, 0, world_size)
        self.dataset, self.documents = dataset, documents
        self.batch_size, self.rank, self.world_size = batch_size, rank, world_size
        self._next = 0

    @property
    def _step(self) -> int:
        """Samples of a step, those of all ranks together."""
        return self.batch_size * self.world_size

    def __len__(self) -> int:
        """Steps that are left of the stage."""
        left = len(self.dataset) - self._next
        return (left + self._step - 1) // self._step

    def batch(self, step: int) -> Batch:
        """The batch of a step from here; the loader stays where it stands.

        `IndexError` past the last step.
        """
        if not 0 <= step < len(self):
            raise IndexError(f"step {step} of {len(self)}")
        return self.dataset.batch(self.samples(step), documents=self.documents)

    def samples(self, step: int) -> range:
        """The samples that this rank takes in a step, counted from where the loader stands."""
        return self._part(*self._span(step))

    def _span(self, step: int) -> tuple[int, int]:
        """The samples of all ranks in a step: the first, and the one after the last."""
        count = len(self.dataset)
        start = min(self._next + step * self._step, count)
        return start, min(start + self._step, count)

    def _part(self, start: int, stop: int) -> range:
        count = stop - start
        low = start + count * self.rank // self.world_size
        return range(low, start + count * (self.rank + 1) // self.world_size)

    def __iter__(self) -> Iterator[Batch]:
        """The steps from here on; the state goes on with each batch that is taken."""
        while self._next < len(self.dataset):
            start, stop = self._span(0)
            self._next = stop
            yield self.dataset.batch(self._part(start, stop), documents=self.documents)

    def stretches(self, step: int) -> Iterator[Stretch]:
        """What all ranks together read of which documents in a step from here."""
        return self.dataset.stretches(range(*self._span(step)))

    def state_dict(self) -> dict[str, Any]:
        """What is needed to go on after the batches that were taken; plain strings and numbers."""
        return self.state_after(0)

    def state_after(self, steps: int) -> dict[str, Any]:
        """The state so many steps from here, without reading them.

        For loops that get their batches from workers that read ahead.
        """
        return {
            "version": VERSION,
            "manifest": self.dataset.identity,
            "stage": self.dataset.stage,
            "seq_len": self.dataset.seq_len,
            "packing": self.dataset.packing,
            "sample": self._span(steps)[0],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where a state was taken, whatever the ranks, workers and batch size were there.

        `IntegrityError` if the state is of another manifest, `ConfigError` if it is none, or if it
        stands in the middle of a sample of another length or samples are packed otherwise.
        """
        if state.get("version") != VERSION:
            raise ConfigError(f"state: version {state.get('version')}, expected {VERSION}")
        mine = self.dataset.identity, self.dataset.stage
        if (state["manifest"], state["stage"]) != mine:
            raise IntegrityError(
                f"state: taken in stage `{state['stage']}` of manifest {state['manifest']}, but "
                f"this is stage `{self.dataset.stage}` of manifest {self.dataset.identity}"
            )
        packing, length = state["packing"], state["seq_len"]
        same = packing == "concat" or length == self.dataset.seq_len
        if packing != self.dataset.packing or not same:
            raise ConfigError(
                f"state: of samples of {length} tokens packed by {packing}, but these are of "
                f"{self.dataset.seq_len} packed by {self.dataset.packing}"
            )
        token = state["sample"] * state["seq_len"]
        sample, rest = divmod(token, self.dataset.seq_len)
        if rest or not 0 <= sample <= len(self.dataset):
            raise ConfigError(
                f"state: after {state['sample']} samples of {state['seq_len']} tokens no sample "
                f"of {self.dataset.seq_len} tokens begins"
            )
        self._next = sample


def _check(name: str, value: int, low: int, high: int | None) -> None:
    if value < low or (high is not None and value >= high):
        limit = f"at least {low}" if high is None else f"from {low} to {high - 1}"
        raise ConfigError(f"{name}: expected {limit}, found {value}", parameter=name)
