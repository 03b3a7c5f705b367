"""Random texts: batches change nothing, similarities are those of sets, estimates as in theory."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gamayun_data as gd

PIECES = st.sampled_from(
    [
        "alpha beta gamma delta",
        "one two three",
        "ΟΔΟΣ",
        "привет мир",
        "x",
        "!",
        "42",
        "été",
        "한국어 말",
    ]
)
TEXT = st.lists(PIECES, max_size=8).map(" ".join)


def shingles(text: str, n: int) -> set[tuple[str, ...]]:
    """The definition, for texts in scripts with spaces."""
    words = re.findall(r"[^\W_]+", text.lower())
    n = min(n, len(words))
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)} if words else set()


@given(a=st.lists(TEXT, max_size=6), b=st.lists(TEXT, max_size=6), n=st.integers(1, 6))
def test_similarities_are_those_of_sets(a: list[str], b: list[str], n: int) -> None:
    count = min(len(a), len(b))
    a, b = a[:count], b[:count]
    sets = [(shingles(x, n), shingles(y, n)) for x, y in zip(a, b, strict=True)]
    assert gd.jaccard(a, b, shingle=n).tolist() == [
        len(x & y) / len(x | y) if x | y else 0.0 for x, y in sets
    ]
    assert gd.containment(a, b, shingle=n).tolist() == [
        len(x & y) / min(len(x), len(y)) if x and y else 0.0 for x, y in sets
    ]


@settings(deadline=None)
@given(
    texts=st.lists(TEXT, max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=4),
    memory=st.sampled_from([6_000, 60_000, 1 << 28]),
    threads=st.integers(1, 3),
    data=st.data(),
)
def test_batches_change_nothing(
    texts: list[str], cuts: list[int], memory: int, threads: int, data: st.DataObject
) -> None:
    order = data.draw(
        st.none() | st.lists(st.integers(0, 9), min_size=len(texts), max_size=len(texts))
    )
    expected = gd.deduplicate(
        texts, order=order, threshold=0.5, bands=20, rows=2, shingle=2, threads=1
    )
    deduplicator = gd.Deduplicator(0.5, 20, 2, 2, memory=memory, threads=threads)
    ends = [*sorted(cuts), len(texts)]
    for start, end in zip([0, *ends], ends, strict=False):
        deduplicator.add(texts[start:end], order=order and order[start:end])
    found = deduplicator.finish()
    assert (found.kept, found.removed) == (expected.kept, expected.removed)
    assert found.cluster_sizes.tolist() == expected.cluster_sizes.tolist()


@pytest.mark.parametrize(("shared", "own"), [(40, 20), (400, 50)])
def test_estimates_keep_to_the_binomial_law(shared: int, own: int) -> None:
    """Of 300 pairs of random sets: mean error within 4 standard errors, variance near."""
    pairs, truth = 300, shared / (shared + 2 * own)
    generator = np.random.default_rng(5)
    drawn = generator.integers(0, 2**40, (pairs, shared + 2 * own))
    common = [" ".join(map(str, row[:shared])) for row in drawn]
    left = [
        f"{c} {' '.join(map(str, row[shared:][:own]))}"
        for c, row in zip(common, drawn, strict=True)
    ]
    right = [
        f"{c} {' '.join(map(str, row[shared + own :]))}"
        for c, row in zip(common, drawn, strict=True)
    ]
    assert np.allclose(gd.jaccard(left, right, shingle=1), truth)
    theory = truth * (1 - truth) / 112
    for seed in range(3):
        hasher = gd.MinHasher(shingle=1, seed=seed)
        error = hasher.estimate(hasher.signatures(left), hasher.signatures(right)) - truth
        assert abs(error.mean()) < 4 * math.sqrt(theory / pairs)
        assert 0.7 < (error**2).mean() / theory < 1.4


@given(a=TEXT, b=TEXT)
def test_equal_sets_have_equal_signatures(a: str, b: str) -> None:
    hasher = gd.MinHasher(shingle=3)
    first, second = hasher.signatures([a, b])
    if shingles(a, 3) == shingles(b, 3):
        assert (first == second).all()
    else:
        assert gd.jaccard(a, b, shingle=3) < 1
        assert (
            first != second
        ).any()  # 112 values agree by chance once in 2^112 at a Jaccard of a half
