"""What the stand-ins remember between processes: one 0700 folder, one JSON document, a few 0600 secret files.

Issued tokens are kept as SHA-256 only; the secrets a client is meant to hold stand in files of their own, which the
printed configuration refers to.
"""

import fcntl
import hashlib
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from harness_cli.core.limits import MIB
from harness_cli.files import ensure_private_folder, read_private, write_private
from harness_cli.sandbox.errors import SandboxError

Result = TypeVar("Result")
Document = dict[str, Any]  # Any: JSON of our own writing

STATE_BYTES = 32 * MIB
VERSION = 1


class SandboxState:
    """The remembered document of one folder; every change is on disk when `change` returns."""

    def __init__(self, folder: Path) -> None:
        ensure_private_folder(folder)
        self.folder = folder
        self._path = folder / "state.json"
        self._lock = threading.RLock()
        self._lock_file: int | None = None
        self._document = read_document(folder)

    def hold(self) -> bool:
        """Become the one process that serves this folder; False where another one does."""
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._lock_file = descriptor
        self._document = read_document(self.folder)  # whoever served before us may have written since
        return True

    def release(self) -> None:
        """Let another process serve this folder; may be called twice."""
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def read(self, reader: Callable[[Document], Result]) -> Result:
        """What `reader` takes out of the document, under the lock."""
        with self._lock:
            return reader(self._document)

    def change(self, writer: Callable[[Document], Result]) -> Result:
        """Let `writer` change the document and make the change durable."""
        with self._lock:
            result = writer(self._document)
            write_private(self._path, json.dumps(self._document, sort_keys=True).encode())
            return result

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """The content of the secret file `name`, made once."""
        path = self.folder / name
        with self._lock:
            try:
                return read_private(path, MIB).decode()
            except FileNotFoundError:
                value = make()
                write_private(path, value.encode())
                return value

    # --- issued tokens ---------------------------------------------------------------------------

    def issue(self, system: str, token: str, grant: Document, seconds: float | None) -> None:
        """Remember that `token` was issued with `grant`; `seconds` None never expires."""
        ends = None if seconds is None else time.time() + seconds
        self.change(lambda doc: doc["tokens"].__setitem__(fingerprint(system, token), {**grant, "ends": ends}))

    def grant(self, system: str, token: str) -> Document | None:
        """The grant of a token that was issued and not revoked; `expired` says whether its time is over."""
        found = self.read(lambda doc: doc["tokens"].get(fingerprint(system, token)))
        if found is None:
            return None
        return {**found, "expired": found["ends"] is not None and found["ends"] <= time.time()}

    def revoke(self, system: str, token: str) -> bool:
        """Forget a token; False where it was not known."""
        return self.change(lambda doc: doc["tokens"].pop(fingerprint(system, token), None) is not None)


def fingerprint(system: str, token: str) -> str:
    """The key under which a token is remembered."""
    return f"{system}:{hashlib.sha256(token.encode()).hexdigest()}"


def new_token(prefix: str) -> str:
    """A fresh random token with the vendor's prefix."""
    return prefix + secrets.token_hex(20)


def read_document(folder: Path) -> Document:
    """The document in `folder`, or a fresh one. Raises: SandboxError where it cannot be understood."""
    try:
        raw = read_private(folder / "state.json", STATE_BYTES)
    except FileNotFoundError:
        return {"version": VERSION, "ports": {}, "tokens": {}, "nonce": "", "pid": 0, "estate": "", "data": {}}
    except OSError as err:
        raise SandboxError(f"cannot read the sandbox state: {err.strerror or err}") from err
    try:
        document = json.loads(raw)
    except ValueError as err:
        raise SandboxError("the sandbox state is not JSON", help="remove the sandbox folder and start again") from err
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise SandboxError("the sandbox state is of another version", help="remove the sandbox folder and start again")
    return document
