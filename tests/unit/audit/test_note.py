"""Notes: signed by a stranger's code for the public test key of RFC 8032, read strictly by ours."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from harness_cli.audit.keys import is_signed_by, signer_from
from harness_cli.audit.note import NoteError, VerifierKey, parse_checkpoint, parse_vkey
from harness_cli.core.errors import AuditError
from harness_cli.core.secret import Secret

# RFC 8032 §7.1, test 1: a key pair that everybody knows, and its signature of nothing
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
OF_NOTHING = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)
NAME = "example.com/audit"
ROOT = bytes(range(32))


def private_key(name=NAME):
    data = base64.b64encode(b"\x01" + SEED).decode()
    return Secret(f"PRIVATE+KEY+{name}+00000000+{data}")


@pytest.fixture
def note():
    body = f"{NAME}\n7\n{base64.b64encode(ROOT).decode()}\n".encode()
    key_id = hashlib.sha256(f"{NAME}\n".encode() + b"\x01" + PUBLIC).digest()[:4]
    signature = base64.b64encode(key_id + Ed25519PrivateKey.from_private_bytes(SEED).sign(body)).decode()
    return body + f"\n\u2014 {NAME} {signature}\n".encode()


def test_the_key_of_the_rfc_signs_nothing_as_the_rfc_says():
    assert Ed25519PrivateKey.from_private_bytes(SEED).sign(b"") == OF_NOTHING


def test_our_signer_writes_the_same_bytes_as_a_stranger(note):
    assert str(signer_from(private_key()).sign(7, ROOT)).encode() == note


def test_a_checkpoint_is_read_and_checked(note):
    checkpoint = parse_checkpoint(note)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (NAME, 7, ROOT)
    assert is_signed_by(checkpoint, VerifierKey(NAME, PUBLIC))
    assert not is_signed_by(checkpoint, VerifierKey("example.com/other", PUBLIC))
    assert not is_signed_by(checkpoint, VerifierKey(NAME, bytes(32)))


def test_a_key_reads_as_it_is_written():
    key = VerifierKey(NAME, PUBLIC)
    assert parse_vkey(str(key)) == key
    assert str(key).startswith(f"{NAME}+{key.key_id.hex()}+Ad")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n7\n", "\n07\n"),
        lambda text: text.replace("\n7\n", "\n+7\n"),
        lambda text: text.replace("\n7\n", "\n7 \n"),
        lambda text: text.replace("\n7\n", "\n99999999999999999\n"),
        lambda text: text.replace("\n\n", "\nextension\n\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\u2014", "-"),
        lambda text: text.removesuffix("\n"),
        lambda text: text + "\n",
        lambda text: text + "\u2014 x YQ==\n",
        lambda text: text.replace(NAME, "two words"),
        lambda text: text.replace("AAEC", "AA EC"),
        lambda text: text.replace("AAEC", "AAE"),
        lambda text: text.split("\n\n")[0] + "\n\n",
        lambda text: text.replace("Hh8=", "Hh9="),
        lambda text: "",
        lambda text: text * 100,
    ],
)  # fmt: skip
def test_what_is_not_in_its_one_form_is_refused(note, change):
    with pytest.raises(NoteError):
        parse_checkpoint(change(note.decode()).encode())


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(NoteError):
        parse_checkpoint(b"\xff\xfe")


@pytest.mark.parametrize("text", ["", "a", "a+b+c", f"{NAME}+00000000+AdqY", "x y+00000000+AA==", "ä+00000000+ä"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(NoteError):
        parse_vkey(text)
    with pytest.raises(NoteError):
        parse_vkey(str(VerifierKey(NAME, PUBLIC)).replace("+Ad", "+Bd"))
    with pytest.raises(NoteError, match="hash does not fit"):
        parse_vkey(f"{NAME}+00000000+" + str(VerifierKey(NAME, PUBLIC)).split("+", 2)[2])


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+x+00000000+AA==", "-----BEGIN PRIVATE KEY-----"])
def test_a_private_key_of_another_form_is_refused_without_being_shown(text):
    with pytest.raises(AuditError) as caught:
        signer_from(Secret(text))
    assert caught.value.code == "T020"
    assert not text or text not in str(caught.value)


def test_a_signer_shows_no_secret():
    signer = signer_from(private_key())
    assert SEED.hex() not in repr(signer)
    assert repr(signer) == f"Signer({NAME})"


def test_the_published_example_of_a_note_is_signed_by_its_published_key():
    key = parse_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    blob = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert (key.key_id.hex(), blob[:4]) == ("c74f20a3", key.key_id)
    Ed25519PublicKey.from_public_bytes(key.public).verify(blob[4:], text.encode())
    with pytest.raises(NoteError):  # a note, but no checkpoint
        parse_checkpoint(f"{text}\n\u2014 PeterNeumann {base64.b64encode(blob).decode()}\n".encode())


def test_the_key_of_a_public_log_reads():
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert str(parse_vkey(text)) == text
