"""Ed25519 at its edges, the cases that Project Wycheproof names, made here for the public key pair of RFC 8032 §7.1."""

import base64
import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from harness_cli.audit.keys import is_signed_by
from harness_cli.audit.note import NoteError, VerifierKey, checkpoint_body, parse_checkpoint, parse_vkey
from tests.attack.audit.second import SECOND
from tests.unit.audit.test_note import NAME, PUBLIC, ROOT, SEED

L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point
P = 2**255 - 19
BODY = checkpoint_body(NAME, 7, ROOT)
GOOD = Ed25519PrivateKey.from_private_bytes(SEED).sign(BODY)
R, S = GOOD[:32], int.from_bytes(GOOD[32:], "little")
IDENTITY = (1).to_bytes(32, "little")
# RFC 8032 §7.1, tests 2 and 3: key, message, signature
PUBLISHED = [
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
# y of every point of order 1, 2, 4 and 8, each with both signs of x
LOW_ORDER = [
    (y | sign << 255).to_bytes(32, "little")
    for y in (
        0,
        1,
        P - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        P - 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    )
    for sign in (0, 1)
]
NOT_IN_ONE_FORM = [(y | sign << 255).to_bytes(32, "little") for y in (P, P + 1, 2**255 - 1) for sign in (0, 1)]


def scalar(value: int) -> bytes:
    return value.to_bytes(32, "little")


def note(signature: bytes, public: bytes = PUBLIC, body: bytes = BODY) -> bytes:
    key_id = VerifierKey(NAME, public).key_id
    return body + f"\n\u2014 {NAME} {base64.b64encode(key_id + signature).decode()}\n".encode()


def is_accepted(signature: bytes, body: bytes = BODY) -> bool:
    try:
        return is_signed_by(parse_checkpoint(note(signature, body=body)), VerifierKey(NAME, PUBLIC))
    except NoteError:
        return False


@pytest.mark.parametrize(("public", "message", "signature"), PUBLISHED)
def test_published_signatures_hold_and_of_another_message_do_not(public, message, signature):
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    key.verify(bytes.fromhex(signature), bytes.fromhex(message))
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(signature), bytes.fromhex(message) + b"\0")


FORGED = {
    "malleable: S + L": R + scalar(S + L),
    "S + 2L": R + scalar(S + 2 * L),
    "S = L": R + scalar(L),
    "S = 0": R + scalar(0),
    "S = 1": R + scalar(1),
    "S of all ones": R + b"\xff" * 32,
    "S with a high bit": R + scalar(S | 1 << 255),
    "R = identity, S = 0": IDENTITY + scalar(0),
    "R of all zeros": bytes(32) + scalar(S),
    "R of all ones": b"\xff" * 32 + scalar(S),
    "R = field prime": scalar(P) + scalar(S),
    "R with its sign flipped": R[:31] + bytes([R[31] ^ 0x80]) + scalar(S),
    "R and S exchanged": scalar(S) + R,
    "empty": b"",
    "one byte short": GOOD[:-1],
    "one byte long": GOOD + b"\0",
    "twice": GOOD + GOOD,
    "a zero in front": b"\0" + GOOD,
    "half": GOOD[:32],
    "of nothing": Ed25519PrivateKey.from_private_bytes(SEED).sign(b""),
    "of the body without its last line feed": Ed25519PrivateKey.from_private_bytes(SEED).sign(BODY[:-1]),
    "of the body's digest": Ed25519PrivateKey.from_private_bytes(SEED).sign(hashlib.sha512(BODY).digest()),
}


def test_the_true_signature_is_accepted():
    assert is_accepted(GOOD)
    assert not is_accepted(GOOD, BODY.replace(b"\n7\n", b"\n8\n"))


@pytest.mark.parametrize("case", FORGED)
def test_a_signature_at_the_edge_is_refused(case):
    assert not is_accepted(FORGED[case])


@pytest.mark.parametrize("bit", range(0, 512, 7))
def test_a_flipped_bit_of_the_signature_is_refused(bit):
    changed = bytearray(GOOD)
    changed[bit // 8] ^= 1 << bit % 8
    assert not is_accepted(bytes(changed))


def is_accepted_by_the_second(signature: bytes) -> bool:
    return SECOND._signed(SECOND._note(note(signature)), [(NAME, VerifierKey(NAME, PUBLIC).key_id, PUBLIC)]) is True


def test_the_second_verifier_accepts_the_true_one_and_refuses_the_same():
    assert is_accepted_by_the_second(GOOD)
    assert [case for case, one in FORGED.items() if len(one) == 64 and is_accepted_by_the_second(one)] == []


@pytest.mark.parametrize("public", [*LOW_ORDER, *NOT_IN_ONE_FORM], ids=bytes.hex)
def test_a_key_under_which_anybody_can_sign_is_no_key(public):
    with pytest.raises(NoteError, match="anybody can sign"):
        parse_vkey(str(VerifierKey(NAME, public)))


def test_the_reason_a_signature_that_nobody_made_holds_under_the_point_of_order_one():
    forged = parse_checkpoint(note(IDENTITY + scalar(0), IDENTITY))
    assert is_signed_by(forged, VerifierKey(NAME, IDENTITY))  # the library asks nothing of the key: parse_vkey does
