"""Hostile configurations by the million: no crash, no hang, no exhaustion.

Inputs are random bytes, pieces of YAML in any order, damaged configurations, and single pieces repeated up to the size
limit. Every one is read, understood and, each tenth, put under all rules.
"""

import random
import resource
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from benchmarks._figures import Figure, at_most
from harness_cli.config.read import parse_document
from harness_cli.config.understand import understand
from harness_cli.core.limits import CONFIG_BYTES
from harness_cli.lint.run import lint

ROOT = Path(__file__).resolve().parent.parent
BASE = (ROOT / "sample-configs" / "agent-harness-config.yaml").read_bytes()
PIECES = (
    *(
        b"a",
        b"a: ",
        b"- ",
        b"[",
        b"]",
        b"{",
        b"}",
        b"? ",
        b": ",
        b"&x ",
        b"*x ",
        b"!t ",
        b"|\n",
        b">\n",
        b'"',
        b"'",
        b"#",
    ),
    *(b"\n", b"\n  ", b"\n    ", b"\t", b"---\n", b"...\n", b"%YAML 1.2\n", b"\r\n", b"\r", b"<<: ", b",", b"~", b"no"),
    *(
        b"\xe2\x80\x8b",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\xff",
        b"\xc3\xa9",
        b"\xf0\x9f\x98\x80",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
    ),
    *(b"tools:", b"scope: ", b"runtime:", b"version: ", b"1.0", b"0x1f", b"eyJ", b"://a:b@c", b"extends:", b"token: "),
    *(
        b"# harness: ignore[H032] reason='x'",
        b'"\\u200b"',
        b'"repo:a/*"',
        b"- {file: x, sha256: y}\n",
        b"    inherits: ",
    ),
)
SECONDS, MEGABYTES, COUNT, REPEATED_EVERY = 0.5, 100, 20_000, 5_000


def drawn(rng: random.Random, number: int) -> bytes:
    """One input."""
    if number % REPEATED_EVERY == 0:
        piece = rng.choice(PIECES)
        return (BASE if rng.random() < 0.5 else b"") + piece * ((CONFIG_BYTES - len(BASE)) // len(piece))
    kind = rng.random()
    if kind < 0.2:
        return rng.randbytes(rng.randrange(200))
    if kind < 0.9:
        return b"".join(rng.choices(PIECES, k=rng.randrange(1, 40)))
    start = rng.randrange(len(BASE))
    return BASE[:start] + rng.choice(PIECES) * rng.randrange(3) + BASE[start + rng.randrange(60) :]


def figures(small: bool = False) -> Iterator[Figure]:
    """Exceptions, the slowest input, the memory of all."""
    count = 200 if small else COUNT
    rng, today, slowest, broken = random.Random(20261124), date(2026, 11, 24), 0.0, 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for number in range(count):
        content = drawn(rng, number)
        began = time.process_time()
        try:
            understood = understand(parse_document(content, "x.yaml"), Path("x.yaml"))
            if number % 10 == 0:
                lint(understood, today)
        except Exception as err:  # noqa: BLE001 - this is what the bench looks for
            broken += 1
            print(f"input {number}: {type(err).__name__}: {err}: {content[:120]!r}")
        slowest = max(slowest, time.process_time() - began)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    yield at_most(f"exceptions in {count:,} hostile files", broken, 0, "")
    yield at_most("the slowest of them, processor time", slowest, SECONDS, "s")
    yield at_most("memory that all of them together added", megabytes, MEGABYTES, "MB")
