"""How fast text is redacted: ordinary source, and a megabyte of each hostile pattern.

Processor time of one core.
"""

import random
import string
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks._figures import Figure, at_least, at_most
from harness_cli.guard.redact import Redactor

ROOT = Path(__file__).resolve().parent.parent
SIZE = 1_000_000
HOSTILE = (
    *(
        "eyJ",
        "AKIA",
        "sk-",
        "xoxb-",
        "-----BEGIN ",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "password",
        "pass ",
        "secret=",
    ),
    *('password: "', '"password": "a", ', "token=a1B2c3D4e5F6g7 ", "client_secret=", "://a:b@", "a@b.cc ", "a@a.a"),
    *("4 ", "1.1.1.", "1:", "::", "|", "/", "%2F", "[REDACTED:", "1/123456789012:", "psexec ", "a", "\n", "\u202e"),
)


def seconds(redactor: Redactor, text: str) -> float:
    began = time.process_time()
    redactor.redact(text, free_text=True)
    return time.process_time() - began


def figures(small: bool = False) -> Iterator[Figure]:
    """Ordinary source, the slowest of the hostile texts."""
    size = SIZE // 100 if small else SIZE
    redactor = Redactor(b"k" * 32)
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "harness_cli").rglob("*.py")))[:size]
    redactor.redact(source[:10_000])
    speed = len(source) / 1e6 / min(seconds(redactor, source) for _ in range(1 if small else 3))
    yield at_least("ordinary source", speed, 3, "MB/s")
    drawn = random.Random(1)
    texts = {repr(unit): unit * (size // len(unit)) for unit in HOSTILE}
    texts["random tokens"] = " ".join(
        "token=" + "".join(drawn.choices(string.ascii_letters + string.digits, k=20)) for _ in range(size // 27)
    )
    slowest, name = max((seconds(redactor, text), name) for name, text in texts.items())
    yield at_most(f"slowest of {len(texts)} hostile texts of {size / 1e6:g} MB: {name}", slowest, 1, "s")
