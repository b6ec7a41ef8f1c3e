"""The run's own secrets, by exact value, in every form in which they could leave."""

import base64
import json
import threading
from urllib.parse import quote, quote_plus

from harness_cli.core.secret import Secret

SHORTEST = 6  # shorter values would hit ordinary text
PLACEHOLDER = "[REDACTED:credential]"


class ExactScrubber:
    """Knows the secrets of one run and takes them out of what is about to be shown or written."""

    def __init__(self) -> None:
        self._forms: dict[str, None] = {}
        self._lock = threading.Lock()

    def register(self, secret: Secret) -> None:
        """From now on this secret is scrubbed: raw, JSON-escaped, URL-encoded, base64 at any offset, hex."""
        value = secret.reveal()
        if len(value) < SHORTEST:
            return
        with self._lock:
            for form in sorted(_forms(value), key=len, reverse=True):
                self._forms.setdefault(form)

    def scrub(self, text: str) -> str:
        """`text` without any registered secret."""
        for form in sorted(self._known(), key=len, reverse=True):
            text = text.replace(form, PLACEHOLDER)
        return text

    def contains(self, content: bytes | str) -> bool:
        """Whether a registered secret stands in outgoing content: the last gate of each sink."""
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        return any(form in text for form in self._known())

    def _known(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._forms)


def _forms(value: str) -> set[str]:
    raw = value.encode()
    found = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote(value, safe="")}
    found |= {quote_plus(value), raw.hex(), raw.hex().upper()}
    for shift in range(3):  # base64 has three alignments; the ends depend on the neighbours and are cut off
        padded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        inner = padded[(shift * 8 + 5) // 6 : len(padded) - (0 if (shift + len(raw)) % 3 == 0 else 1)]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {form for form in found if len(form) >= SHORTEST}
