"""Our engine for the language-identification harness: a function from a model to a function from texts to answers.

    python run.py benches/peers/lid.py:ours --model MODEL --data tatoeba.tsv --out answers.tsv
    python score.py answers.tsv --confusions

`run.py` and `score.py` are the harness that runs the other tools; clock, input and judgement are then the same.
"""

from __future__ import annotations

from collections.abc import Callable

import gamayun_data as gd


def ours(model: str | None) -> Callable[[list[str]], list[tuple[str, float]]]:
    """One thread; a text without any feature of the model is `un`."""
    loaded = gd.LanguageModel.load(model)

    def detect(texts: list[str]) -> list[tuple[str, float]]:
        best = loaded.score(texts, k=1, threads=1).to_list()
        return [(one[0]["label"], one[0]["probability"]) if one else ("un", 0.0) for one in best]

    return detect
