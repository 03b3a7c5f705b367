"""A pair that occurs more than 2^31 times, learnt by ours and by trainers that count in 32 bits. Prints JSON lines.

    python benches/peers/bpe_overflow.py [TOOL ...] [--pairs 2.2e9]

TOOL is ours, hf (tokenizers), rustbpe or flashbpe. The text is a word of 2,000 characters, "abab...", again and again,
and three times "xy": a right trainer learns "ab" first. Others are given every copy of the text. Ours counts 20,000 copies
and adds the table up with itself, as machines do. Exit status 0 only if ours is right.
"""

import argparse
import json
import sys
import time

WORD, RARE, VOCAB = "ab" * 1000, "xy", 260
SPLIT = r"\S+|\s+"


def texts(times):
    for _ in range(times):
        yield WORD
    for _ in range(3):
        yield RARE


def ours(times):
    import gamayun_data as gd

    per_call = 20_000
    parts, rest = divmod(times, per_call)
    many = gd.PretokenCounts.of_texts([WORD] * per_call, threads=1)
    last = gd.PretokenCounts.of_texts([WORD] * rest + [RARE] * 3, threads=1)
    counts = last
    while parts:
        if parts & 1:
            counts = gd.PretokenCounts.merge([counts, many])
        many, parts = gd.PretokenCounts.merge([many, many]), parts >> 1
    trained = counts.train(VOCAB + 1, min_frequency=1, threads=1)
    return [trained.token_bytes(number) for number in range(257, trained.vocab_size)]


def hf(times):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    settings = trainers.BpeTrainer(
        vocab_size=VOCAB, initial_alphabet=alphabet, special_tokens=[], show_progress=False
    )
    tokenizer.train_from_iterator(texts(times), settings)
    ranks = sorted(tokenizer.get_vocab().items(), key=lambda pair: pair[1])
    return [token.encode() for token, rank in ranks if rank >= 256]


def _rustbpe(name):
    def train(times):
        tokenizer = __import__(name).Tokenizer()
        tokenizer.train_from_iterator(texts(times), VOCAB, 16, SPLIT)
        ranks = sorted(tokenizer.get_mergeable_ranks(), key=lambda pair: pair[1])
        return [bytes(token) for token, rank in ranks if rank >= 256]

    return train


TOOLS = {"ours": ours, "hf": hf, "rustbpe": _rustbpe("rustbpe"), "flashbpe": _rustbpe("flashbpe")}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tools", nargs="*", default=["ours"], metavar="TOOL")
    parser.add_argument("--pairs", type=float, default=2.2e9)
    arguments = parser.parse_args()
    times, right = round(arguments.pairs / (len(WORD) // 2)), {}
    for name in arguments.tools:
        start = time.process_time()
        tokens = TOOLS[name](times)
        right[name] = tokens[:1] == [b"ab"]
        learnt = [token.decode() for token in tokens[:4]]
        facts = {"tool": name, "pairs": times * len(WORD) // 2, "right": right[name]}
        print(
            json.dumps(facts | {"learnt": learnt, "cpu_s": round(time.process_time() - start, 2)})
        )
    sys.exit(not right.get("ours", True))


if __name__ == "__main__":
    main()
