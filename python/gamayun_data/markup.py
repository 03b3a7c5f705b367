"""Words made safe in HTML and SVG."""

from __future__ import annotations

import html
import re
from typing import Final

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def escape(words: str) -> str:
    r"""Make words safe; what has no shape, or turns the direction of others, is spelled out.

    >>> escape("<b>\x00")
    '&lt;b&gt;\\x00'
    """
    return html.escape(_UNSEEN.sub(_spelled, words))


def _spelled(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
