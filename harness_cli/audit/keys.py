"""Keys of the trail: the private one in the user's config folder, the public ones that this user trusts.

Never in the audit folder: who can rewrite the log must not find the key that signs it.
"""

import base64
import fcntl
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness_cli.audit.note import (
    ED25519,
    KEY_BYTES,
    Checkpoint,
    NoteError,
    Signature,
    VerifierKey,
    checkpoint_body,
    parse_vkey,
)
from harness_cli.core.errors import AuditError, UsageError
from harness_cli.core.secret import Secret
from harness_cli.files import ensure_private_folder, read_private, write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_FILE = "audit.key"
TRUSTED = "trusted_keys"
LARGEST = 64 * 1024

_PRIVATE = re.compile(r"PRIVATE\+KEY\+([!-*,-~]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{44})", re.ASCII)


_CACHE = b"harness cache v1\n"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs checkpoints with one Ed25519 key; never shows it."""

    name: str
    vkey: VerifierKey
    _key: "Ed25519PrivateKey"

    def sign(self, size: int, root: bytes) -> Checkpoint:
        """The signed checkpoint of a ledger; its origin is the key's name."""
        signature = self._key.sign(checkpoint_body(self.name, size, root))
        return Checkpoint(self.name, size, root, (Signature(self.name, self.vkey.key_id, signature),))

    def vouch(self, cache: bytes) -> bytes:
        """A signature that only `vouches` understands: no checkpoint has such a body."""
        return self._key.sign(_CACHE + cache)

    def vouches(self, cache: bytes, signature: bytes) -> bool:
        """Whether this key vouched for exactly these bytes."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._key.public_key().verify(signature, _CACHE + cache)
        except InvalidSignature:
            return False
        return True

    def __repr__(self) -> str:
        return f"Signer({self.name})"


def is_signed_by(checkpoint: Checkpoint, key: VerifierKey) -> bool:
    """Whether one of the signatures is a good one of this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    mine = [one for one in checkpoint.signatures if (one.name, one.key_id) == (key.name, key.key_id)]
    for one in mine:
        with suppress(InvalidSignature, ValueError):
            Ed25519PublicKey.from_public_bytes(key.public).verify(one.signature, checkpoint.body)
            return True
    return False


def config_folder(environ: Mapping[str, str]) -> Path:
    """`$XDG_CONFIG_HOME/harness`, by default `~/.config/harness`."""
    base = environ.get("XDG_CONFIG_HOME", "")
    if base.startswith("/"):
        return Path(base) / "harness"
    home = environ.get("HOME", "")
    return (Path(home) if home.startswith("/") else Path.home()) / ".config" / "harness"


def local_signer(environ: Mapping[str, str]) -> Signer:
    """The user's own key, made on first use and trusted from then on. Raises AuditError."""
    folder = config_folder(environ)
    path = folder / "keys" / KEY_FILE
    try:
        return _load(path)
    except FileNotFoundError:
        return _make_once(folder, path)
    except OSError as err:
        raise _unusable(path, err) from err


def make_key(path: Path, name: str = "") -> VerifierKey:
    """Write a new private key, 0600; its public key. Raises UsageError where the file exists."""
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} exists already", help="name another file with --out; keys are never replaced")
    text, signer = _generate(name)
    write_private(path, text.encode())
    return signer.vkey


def signer_from(secret: Secret) -> Signer:
    """A signer from a private key text (`PRIVATE+KEY+…`, as keygen writes it). Raises AuditError."""
    found = _PRIVATE.fullmatch(secret.reveal().strip())
    data = base64.b64decode(found[3]) if found else b""
    if found is None or len(data) != 1 + KEY_BYTES or data[0] != ED25519:
        raise AuditError(
            "the signing key cannot be read", code="T020", help="make one with `harness audit keygen`, one line of text"
        )
    return _signer(found[1], data[1:])


def trusted_keys(environ: Mapping[str, str]) -> tuple[VerifierKey, ...]:
    """The keys that this user trusts, one a line in `trusted_keys`; lines that are no key are passed over."""
    return _trusted(config_folder(environ))


def parse_keys(lines: Iterable[str]) -> Iterable[VerifierKey]:
    """Keys of lines; comments and what is no key are passed over."""
    for line in lines:
        with suppress(NoteError):
            yield parse_vkey(line)


def trust(key: VerifierKey, folder: Path) -> None:
    """Add a key to `trusted_keys` of a config folder."""
    if key in _trusted(folder):
        return
    path = folder / TRUSTED
    before = path.read_text() if path.exists() else ""
    write_private(path, f"{before.rstrip()}\n{key}\n".lstrip().encode())


def _trusted(folder: Path) -> tuple[VerifierKey, ...]:
    try:
        text = read_private(folder / TRUSTED, LARGEST).decode("utf-8", "replace")
    except OSError:
        return ()
    return tuple(parse_keys(text.splitlines()))


def _load(path: Path) -> Signer:
    return signer_from(Secret(read_private(path, LARGEST).decode("ascii", "replace")))


def _make_once(folder: Path, path: Path) -> Signer:
    try:
        ensure_private_folder(path.parent)
        descriptor = os.open(path.parent / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if path.exists():
                return _load(path)
            text, signer = _generate("")
            trust(signer.vkey, folder)
            write_private(path, text.encode())
            return signer
        finally:
            os.close(descriptor)
    except OSError as err:
        raise _unusable(path, err) from err


def _unusable(path: Path, err: OSError) -> AuditError:
    return AuditError(
        f"the signing key cannot be used ({err.strerror})",
        code="T020",
        place=str(path),
        help="make the folder writable, set XDG_CONFIG_HOME, or name a key with `audit.signing`",
    )


def _generate(name: str) -> tuple[str, Signer]:
    seed = os.urandom(KEY_BYTES)
    signer = _signer(name or f"harness/{os.urandom(8).hex()}", seed)
    data = base64.b64encode(bytes([ED25519]) + seed).decode()
    return f"PRIVATE+KEY+{signer.name}+{signer.vkey.key_id.hex()}+{data}\n", signer


def _signer(name: str, seed: bytes) -> Signer:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PrivateKey.from_private_bytes(seed)
    return Signer(name, VerifierKey(name, key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)), key)
