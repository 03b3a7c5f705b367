"""What planning costs: 10,000 pools and five stages, by policy and unit.

python benches/python/bench_plan.py [--languages 500] [--rounds 5]

Pools are languages x 4 domains x 5 buckets of quality, of random sizes. The least CPU seconds of
the rounds count: lint and all rows of the plan included, reading and printing not.
"""

from __future__ import annotations

import argparse
import json
import random
import time

from gamayun_data import mix
from gamayun_data.policies import Policy
from gamayun_data.recipe import Stage

DOMAINS = ("books", "code", "stem", "web")
BUCKETS = 5
STAGES = 5
TOKENS = 5 * 10**12
"""Of a stage."""


def pools(languages: int) -> list[mix.Pool]:
    """Pools from a million to ten billion tokens."""
    draw = random.Random(17)  # noqa: S311 (sizes of pools)
    made = []
    for number in range(languages):
        for domain in DOMAINS:
            for bucket in range(BUCKETS):
                tokens = draw.randint(10**6, 10**10)
                name = f"l{number}-{domain}-q{bucket}"
                size = round(tokens * draw.uniform(2, 6))
                made.append(mix.Pool(name, f"l{number}", domain, 9, tokens, size, bucket=bucket))
    return made


def stages(policy: str, unit: str) -> list[Stage]:
    """Five stages, two anchors and an anchored domain in each."""
    tokens, budget = (TOKENS, 0) if unit == "tokens" else (0, 4 * TOKENS)
    return [
        Stage(
            f"stage{number}",
            tokens,
            anchors={"l0": 0.001, "l1": 0.001},
            domains={"code": 0.05},
            max_epochs=400.0,
            policy=Policy(policy),
            unit=unit,
            budget=budget,
        )
        for number in range(STAGES)
    ]


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--languages", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    have = pools(options.languages)
    found = {}
    for policy in ("natural", "temperature", "unimax", "quality"):
        for unit in ("tokens", "bytes"):
            seconds = []
            for _ in range(options.rounds):
                started = time.process_time()
                mix.plan(have, stages(policy, unit), exact=True)
                seconds.append(time.process_time() - started)
            found[f"{policy}, {unit}"] = round(min(seconds), 3)
    print(json.dumps({"pools": len(have), "stages": STAGES, "cpu_seconds": found}, indent=2))


if __name__ == "__main__":
    main()
