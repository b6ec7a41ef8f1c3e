"""Signed notes and tree checkpoints as C2SP writes them; the parser is strict: what it reads it writes back the same.

<origin>
<size>
<root, base64>

— <key name> <base64 of 4 bytes key id and 64 bytes Ed25519 signature>
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

ED25519 = 0x01
DASH = "\u2014"
LONGEST_NOTE = 16 * 1024
KEY_BYTES = 32
SIGNATURE_BYTES = 64
ROOT_BYTES = 32

_NAME = re.compile(r"[!-*,-~]{1,200}", re.ASCII)  # printable, no space, no plus
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


class NoteError(ValueError):
    """Text that is no note, checkpoint or key in its one form."""


_FIELD = 2**255 - 19
_OF_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_LOW_ORDER = frozenset({0, 1, _FIELD - 1, _OF_ORDER_8, _FIELD - _OF_ORDER_8})  # y of the eight points


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name that its signatures carry (`name+hash+base64`)."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([ED25519]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([ED25519]) + self.public)}"


def _is_weak(public: bytes) -> bool:
    """Whether a public key proves nothing: of order 1, 2, 4 or 8, or not in its one encoding (RFC 8032 §5.1.3)."""
    y = int.from_bytes(public, "little") % 2**255  # without the sign of x
    return y >= _FIELD or y in _LOW_ORDER


def parse_vkey(text: str) -> VerifierKey:
    """A verifier key from its text. Raises NoteError."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
        raise NoteError("not a verifier key")
    data = _unbase64(parts[2])
    if len(data) != 1 + KEY_BYTES or data[0] != ED25519:
        raise NoteError("not an Ed25519 verifier key")
    if _is_weak(data[1:]):
        raise NoteError(
            "a verifier key under which anybody can sign (a point of low order), or no point in its one form"
        )
    key = VerifierKey(parts[0], data[1:])
    if str(key) != text.strip():
        raise NoteError("a verifier key whose hash does not fit")
    return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who says to have signed."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement: the ledger `origin` has `size` leaves and this root."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...]

    @property
    def body(self) -> bytes:
        """What is signed."""
        return checkpoint_body(self.origin, self.size, self.root)

    def __str__(self) -> str:
        lines = [f"{DASH} {one.name} {_base64(one.key_id + one.signature)}\n" for one in self.signatures]
        return self.body.decode() + "\n" + "".join(lines)


def checkpoint_body(origin: str, size: int, root: bytes) -> bytes:
    """The text of a checkpoint that its signatures cover."""
    return f"{origin}\n{size}\n{_base64(root)}\n".encode()


def parse_checkpoint(data: bytes) -> Checkpoint:
    """A checkpoint in its one form. Raises NoteError; no signature is checked here."""
    if len(data) > LONGEST_NOTE:
        raise NoteError("a note that is too long")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as err:
        raise NoteError("a note that is not UTF-8") from err
    body, separator, signed = text.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) != 3 or not _NAME.fullmatch(lines[0]) or not _SIZE.fullmatch(lines[1]):
        raise NoteError("not a checkpoint")
    root = _unbase64(lines[2])
    if len(root) != ROOT_BYTES or not signed.endswith("\n"):
        raise NoteError("not a checkpoint")
    signatures = tuple(_signature(line) for line in signed[:-1].split("\n"))
    found = Checkpoint(lines[0], int(lines[1]), root, signatures)
    if str(found).encode() != data:
        raise NoteError("a checkpoint that is not in its one form")
    return found


def _signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != DASH or not _NAME.fullmatch(parts[1]):
        raise NoteError("not a signature line")
    data = _unbase64(parts[2])
    if len(data) != 4 + SIGNATURE_BYTES:
        raise NoteError("not an Ed25519 signature")
    return Signature(parts[1], data[:4], data[4:])


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as err:
        raise NoteError("not base64") from err
