"""How fast text is redacted: ordinary source, and a megabyte of each hostile pattern. Prints a table.

    python benchmarks/guard_redact.py

Aims (design): at least 3 MB/s on ordinary text, at most 1 s for 1 MB of hostile text; processor time of one core.
"""

import random
import string
import sys
import time
from pathlib import Path

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


def main() -> int:
    redactor = Redactor(b"k" * 32)
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "harness_cli").rglob("*.py")))
    redactor.redact(source[:10_000])
    speed = len(source) / 1e6 / min(seconds(redactor, source) for _ in range(3))
    print(f"ordinary source        {speed:6.1f} MB/s")
    drawn = random.Random(1)
    texts = {repr(unit): unit * (SIZE // len(unit)) for unit in HOSTILE}
    texts["random tokens"] = " ".join(
        "token=" + "".join(drawn.choices(string.ascii_letters + string.digits, k=20)) for _ in range(SIZE // 27)
    )
    times = {name: seconds(redactor, text) for name, text in texts.items()}
    for name, taken in sorted(times.items(), key=lambda item: -item[1]):
        print(f"{name:40} {taken:6.2f} s")
    return 0 if speed >= 3 and max(times.values()) <= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
