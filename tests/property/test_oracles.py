"""The engines against the tools they must equal, on the sample's texts and on random ones."""

from __future__ import annotations

import io
import json
from pathlib import Path

import fasttext
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

import gamayun_data as gd
from gamayun_data.config import SPLITS
from gamayun_data.recipe import BUNDLED_MODEL, DATA


def sample_texts() -> list[str]:
    """Documents of every language of the sample, without the broken records."""
    found = []
    for path in sorted((DATA / "sample").glob("web-*.zst")):
        stream = zstandard.ZstdDecompressor().stream_reader(
            path.read_bytes(), read_across_frames=True
        )
        for line in io.TextIOWrapper(stream, encoding="utf-8", errors="replace"):
            try:
                text = json.loads(line).get("text")
            except ValueError:
                continue
            if isinstance(text, str):
                found.append(text)
    return found


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return sample_texts()


@pytest.fixture(scope="module")
def official() -> fasttext.FastText._FastText:
    return fasttext.load_model(str(BUNDLED_MODEL))


def test_language_scores_are_those_of_fasttext(
    texts: list[str], official: fasttext.FastText._FastText
) -> None:
    ours = gd.LanguageModel.load().score(texts, k=3).to_list()
    assert len(ours) > 400
    for text, scores in zip(texts, ours, strict=True):
        labels, probabilities = official.predict(text.replace("\n", " "), k=3)
        assert [score["label"] for score in scores] == [
            label.removeprefix("__label__") for label in labels
        ]
        for score, probability in zip(scores, probabilities, strict=True):
            assert abs(score["probability"] - probability) < 5e-7


@pytest.mark.parametrize("split", SPLITS)
def test_merges_and_ids_are_those_of_hugging_face(
    texts: list[str], split: str, tmp_path: Path
) -> None:
    some = texts[::8]
    ours = gd.train_tokenizer(some, vocab_size=1500, split=split)
    path = tmp_path / "tokenizer.json"
    ours.save(path)
    theirs = Tokenizer(models.BPE())
    theirs.pre_tokenizer = Tokenizer.from_file(str(path)).pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=1500,
        min_frequency=2,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    theirs.train_from_iterator(some, trainer)
    assert theirs.get_vocab() == Tokenizer.from_file(str(path)).get_vocab()
    ids, offsets = ours.encode_batch(texts)
    for number, encoding in enumerate(theirs.encode_batch(texts, add_special_tokens=False)):
        assert ids[int(offsets[number]) : int(offsets[number + 1])].tolist() == encoding.ids


@pytest.fixture(scope="module")
def pair(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[gd.Tokenizer, Tokenizer]:
    path = tmp_path_factory.mktemp("pair") / "tokenizer.json"
    ours = gd.train_tokenizer(texts[::4], vocab_size=3000)
    ours.save(path)
    return ours, Tokenizer.from_file(str(path))


# What looks like a special token is text to us, and the token to them.
@given(text=st.text(max_size=200).filter(lambda text: "<|endoftext|>" not in text))
@settings(max_examples=300, deadline=None)
def test_random_text_is_encoded_as_by_hugging_face_and_comes_back(
    pair: tuple[gd.Tokenizer, Tokenizer], text: str
) -> None:
    ours, theirs = pair
    ids = ours.encode(text)
    assert ids.tolist() == theirs.encode(text, add_special_tokens=False).ids
    assert ours.decode(ids) == text == theirs.decode(ids.tolist())
