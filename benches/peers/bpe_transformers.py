"""Whether transformers opens a tokenizer.json of ours and gives the ids that we gave. Prints a JSON line per tokenizer.

    python benches/peers/bpe_transformers.py write DIR CORPUS.jsonl ...   # with gamayun_data
    python benches/peers/bpe_transformers.py read DIR                     # with transformers

Two environments, so two halves: the first trains a small tokenizer for several split patterns, and keeps the texts with
our ids; the second opens each file in transformers. Exit status 0 only if nothing differs. Needs transformers==5.23.0.
"""

import json
import sys
from pathlib import Path

SPLITS = ("gamayun", "gamayun-right", "gpt2", "cl100k", "o200k", "qwen", "tekken", "gpt2-right")
TEXTS = 3_000
SPECIALS = ("<|endoftext|>", "<|pad|>")
EDGES = [
    "",
    " ",
    "a<|endoftext|>b",
    "\n\n\n x",
    "👨‍👩‍👧‍👦",
    "12345678 9",
    "don't WE'LL",
    "e\u0301",
    "\u3000的 中文",
    "\x00\x01",
]


def write(folder: Path, corpora: list[Path]) -> bool:
    import gamayun_data as gd

    texts = {}
    for path in corpora:
        with path.open(encoding="utf-8") as lines:
            texts[path.stem] = [
                json.loads(line)["text"] for _, line in zip(range(TEXTS), lines, strict=False)
            ]
    for split in SPLITS:
        made = gd.train_tokenizer(texts, vocab_size=8_000, split=split, special_tokens=SPECIALS)
        place = folder / split
        place.mkdir(parents=True, exist_ok=True)
        made.save(place / "tokenizer.json")
        with (place / "ids.jsonl").open("w", encoding="utf-8") as out:
            for text in [*EDGES, *(text for some in texts.values() for text in some[:500])]:
                ids = made.encode(text, specials="allow").tolist()
                out.write(json.dumps({"text": text, "ids": ids}) + "\n")
    return True


def read(folder: Path) -> bool:
    from transformers import PreTrainedTokenizerFast

    equal = True
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        opened = PreTrainedTokenizerFast(tokenizer_file=str(place / "tokenizer.json"))
        rows = [json.loads(line) for line in (place / "ids.jsonl").open(encoding="utf-8")]
        encoded = opened([row["text"] for row in rows], add_special_tokens=False)["input_ids"]
        ids = sum(a != row["ids"] for a, row in zip(encoded, rows, strict=True))
        back = [opened.decode(row["ids"], clean_up_tokenization_spaces=False) for row in rows]
        texts = sum(a != row["text"] for a, row in zip(back, rows, strict=True))
        told = {
            "split": place.name,
            "vocab": len(opened),
            "texts": len(rows),
            "ids_differ": ids,
            "texts_differ": texts,
        }
        print(json.dumps(told), flush=True)
        equal &= not ids and not texts
    return equal


if __name__ == "__main__":
    verb, folder, *corpora = sys.argv[1], *map(Path, sys.argv[2:])
    done = write(folder, corpora) if verb == "write" else read(folder)
    sys.exit(0 if done else 1)
