"""A tokenizer: texts and bytes to ids, whole or in pieces, and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

import numpy as np
import polars as pl

from gamayun_data import _core
from gamayun_data.errors import ConfigError
from gamayun_data.receipts import write_atomic
from gamayun_data.texts import Texts, threads_of, unwritable

if TYPE_CHECKING:
    from numpy.typing import NDArray

Specials: TypeAlias = "Literal['text', 'allow', 'refuse'] | Collection[str]"
"""What becomes of special tokens in a text: they are text like any other; they are recognised; a
text that holds one is refused; or those of these names are recognised. Added tokens that are not
special are part of the vocabulary, and recognised always."""


@dataclass(frozen=True, slots=True)
class Located:
    """The ids of a text, and where each begins and ends in it."""

    ids: NDArray[np.uint32]
    starts: NDArray[np.uint64]
    ends: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """A byte-level BPE tokenizer; ids equal those of Hugging Face tokenizers on the same file."""

    core: _core.Tokenizer

    @staticmethod
    def from_file(path: str | Path) -> Tokenizer:
        """Read a byte-level BPE `tokenizer.json`; `FormatError` names what is not supported."""
        return Tokenizer(_core.Tokenizer.from_json(Path(path).read_bytes()))

    @staticmethod
    def from_tiktoken(
        path: str | Path, *, split: str, special_tokens: Mapping[str, int] | None = None
    ) -> Tokenizer:
        """Read tiktoken ranks: for each token its bytes in base64 and its id.

        The split pattern (a name, or `regex:` and a regex) and the special tokens are not in such
        a file. `FormatError` for a line that is none, `ConfigError` for a split that is none.
        """
        specials = sorted((special_tokens or {}).items())
        ranks = Path(path).read_bytes()
        return Tokenizer(_core.tokenizer_from_ranks(ranks, split=split, special_tokens=specials))

    @staticmethod
    def from_vocab_merges(
        vocab: str | Path, merges: str | Path, *, split: str, special_tokens: Sequence[str] = ()
    ) -> Tokenizer:
        """Read GPT-2's pair of files: `vocab.json` and `merges.txt`.

        The split pattern, and which tokens of the vocabulary are special, is not in them.
        """
        return Tokenizer(
            _core.tokenizer_from_vocab_merges(
                Path(vocab).read_bytes(),
                Path(merges).read_text(encoding="utf-8"),
                split=split,
                special_tokens=list(special_tokens),
            )
        )

    def save(self, path: str | Path) -> None:
        """Write a `tokenizer.json` that opens in tokenizers and transformers."""
        write_atomic(Path(path), self.core.to_json())

    @property
    def vocab_size(self) -> int:
        """One more than the highest id: the rows that an embedding needs."""
        return self.core.vocab_size

    @property
    def split(self) -> str:
        """The name of the split pattern; `regex:` and the regex of one of your own."""
        return self.core.split

    @property
    def merges(self) -> list[tuple[bytes, bytes]]:
        """The merges in their order, as bytes."""
        return self.core.merges

    @property
    def special_tokens(self) -> dict[str, int]:
        """Special tokens and their ids."""
        return {token: number for number, token in self.core.special_tokens}

    @property
    def bos(self) -> int | None:
        """The id that begins documents, if a special token has a usual name for it."""
        return self.core.bos

    @property
    def eos(self) -> int | None:
        """The id that ends documents, if a special token has a usual name for it."""
        return self.core.eos

    def encode(
        self,
        text: str | bytes,
        *,
        specials: Specials = "text",
        bos: bool = False,
        eos: bool = False,
    ) -> NDArray[np.uint32]:
        """Encode a text, or bytes of which those that are no UTF-8 are tokens of their own.

        Nothing is added at the ends unless `bos` or `eos` asks for it: `ConfigError` if the
        tokenizer has none. `InputError` names the place of a special token that is refused.

        >>> import gamayun_data as gd
        >>> tokenizer = gd.train_tokenizer(["low lower lowest"] * 4, vocab_size=262)
        >>> tokenizer.decode(tokenizer.encode("slow"))
        'slow'
        >>> tokenizer.encode("<|endoftext|>", specials="allow").tolist()
        [0]
        """
        policy = self._policy(specials)
        if isinstance(text, bytes):
            ids = self.core.encode_bytes(text, specials=policy)
        else:
            ids = self._batch([text], policy, 1)[0]
        first = [self._end("bos", self.bos)] if bos else []
        last = [self._end("eos", self.eos)] if eos else []
        return np.concatenate([first, ids, last]).astype(np.uint32) if bos or eos else ids

    @overload
    def encode_batch(
        self,
        texts: Texts,
        *,
        specials: Specials = ...,
        dtype: Literal["uint32"] = ...,
        threads: int | None = ...,
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]: ...

    @overload
    def encode_batch(
        self,
        texts: Texts,
        *,
        specials: Specials = ...,
        dtype: Literal["uint16"],
        threads: int | None = ...,
    ) -> tuple[NDArray[np.uint16], NDArray[np.uint64]]: ...

    def encode_batch(
        self,
        texts: Texts,
        *,
        specials: Specials = "text",
        dtype: Literal["uint16", "uint32"] = "uint32",
        threads: int | None = None,
    ) -> tuple[NDArray[Any], NDArray[np.uint64]]:
        """Encode texts: all ids, and where each begins in them (one offset more than texts)."""
        narrow = self._narrow(dtype)
        ids, offsets = self._batch(texts, self._policy(specials), threads_of(threads))
        return (ids.astype(np.uint16) if narrow else ids), offsets

    def encode_arrow(
        self,
        texts: Texts,
        *,
        specials: Specials = "text",
        dtype: Literal["uint16", "uint32"] = "uint32",
        threads: int | None = None,
    ) -> pl.Series:
        """Encode texts to a series with a list of ids for each: Arrow in, Arrow out.

        >>> import gamayun_data as gd
        >>> tokenizer = gd.train_tokenizer(["low lower lowest"] * 4, vocab_size=262)
        >>> tokenizer.encode_arrow(["", "low"]).list.len().to_list()
        [0, 1]
        """
        lists = self._guarded(
            texts,
            self.core.encode_arrow,
            specials=self._policy(specials),
            narrow=self._narrow(dtype),
            threads=threads_of(threads),
        )
        return pl.Series("ids", lists)

    def encode_stream(
        self, pieces: Iterable[str], *, specials: Specials = "text"
    ) -> Iterator[NDArray[np.uint32]]:
        """Encode one document that comes in pieces: the ids are those of the whole.

        Text is held back to the last place where every pattern cuts, so memory is bounded by a
        piece and the longest word; with a split regex of your own, by the document.

        >>> import gamayun_data as gd
        >>> tokenizer = gd.train_tokenizer(["low lower lowest"] * 4, vocab_size=262)
        >>> ids = np.concatenate(list(tokenizer.encode_stream(["low, lo", "wer"])))
        >>> tokenizer.decode(ids)
        'low, lower'
        """
        stream = _core.EncodeStream(self.core, specials=self._policy(specials))
        for number, piece in enumerate(pieces):
            try:
                yield stream.push(piece)
            except UnicodeEncodeError as error:
                raise unwritable([""] * number + [piece]) from error
        yield stream.finish()

    def locate(
        self,
        text: str,
        *,
        specials: Specials = "text",
        unit: Literal["characters", "bytes"] = "characters",
    ) -> Located:
        """Encode a text and say where each id lies in it, in characters or in bytes of UTF-8.

        A token that is a part of a character has that character, as in Hugging Face tokenizers.
        `InputError` for a text that the tokenizer normalises to another.

        >>> import gamayun_data as gd
        >>> tokenizer = gd.train_tokenizer(["low lower lowest"] * 4, vocab_size=262)
        >>> tokenizer.locate("é", unit="bytes").ends.tolist()
        [1, 2]
        """
        characters = unit == "characters"
        policy = self._policy(specials)
        try:
            found = self.core.locate(text, specials=policy, characters=characters)
        except UnicodeEncodeError as error:
            raise unwritable([text]) from error
        return Located(*found)

    def use_segments(self, path: str | Path) -> None:
        """Look the pretokens of a file up first: text that was counted is not encoded anew.

        `PretokenCounts.save_segments` writes the file. Ids stay the same; the first file that was
        asked for stays. `IntegrityError` if it is damaged or was made for another tokenizer.
        """
        self.core.use_segments(path)

    def decode(
        self,
        ids: Sequence[int] | NDArray[np.unsignedinteger[Any]],
        *,
        skip_special_tokens: bool = False,
    ) -> str:
        """The text of ids; bytes that are no whole character become U+FFFD, as in HF tokenizers.

        Special tokens stand as they are written, unless skipped. `ConfigError` for an unknown id.
        """
        if skip_special_tokens:
            special = {number for number, _ in self.core.special_tokens}
            ids = [number for number in map(int, ids) if number not in special]
        return self.decode_bytes(ids).decode("utf-8", errors="replace")

    def decode_bytes(self, ids: Sequence[int] | NDArray[np.unsignedinteger[Any]]) -> bytes:
        """The bytes of ids, which need not be whole characters."""
        return self.core.decode(np.ascontiguousarray(ids, dtype=np.uint32))

    def token_bytes(self, token: int) -> bytes | None:
        """The bytes of one token, `None` if no token has this id."""
        return self.core.token_bytes(token)

    def _policy(self, specials: Specials) -> str | set[str]:
        if isinstance(specials, str):
            if specials not in {"text", "allow", "refuse"}:
                raise ConfigError(
                    f'specials: {specials!r} is not "text", "allow", "refuse" or a set of names',
                    parameter="specials",
                )
            return specials
        unknown = sorted(set(specials) - self.special_tokens.keys())
        if unknown:
            raise ConfigError(
                f"specials: {unknown[0]!r} is no special token of this tokenizer",
                parameter="specials",
            )
        return set(specials)

    def _narrow(self, dtype: str) -> bool:
        if dtype not in {"uint16", "uint32"}:
            raise ConfigError(f"dtype: {dtype!r} is not uint16 or uint32", parameter="dtype")
        if dtype == "uint16" and self.vocab_size > 1 << 16:
            raise ConfigError(
                f"dtype: uint16 holds ids up to 65,535, the highest is {self.vocab_size - 1:,}",
                parameter="dtype",
            )
        return dtype == "uint16"

    def _end(self, name: str, token: int | None) -> int:
        if token is None:
            raise ConfigError(f"{name}: no special token has a usual name for it", parameter=name)
        return token

    def _batch(
        self, texts: Texts, policy: str | set[str], threads: int
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
        encoded: tuple[NDArray[np.uint32], NDArray[np.uint64]] = self._guarded(
            texts, self.core.encode_batch, specials=policy, threads=threads
        )
        return encoded

    def _guarded(self, texts: Texts, encode: Any, **options: Any) -> Any:  # noqa: ANN401
        try:
            return encode(texts, **options)
        except UnicodeEncodeError as error:
            raise unwritable(iter(texts)) from error  # type: ignore[arg-type]
