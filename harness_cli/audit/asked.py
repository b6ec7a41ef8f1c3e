"""What a person asks of verification: trusted keys and a saved checkpoint, as text or as files."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from harness_cli.audit.disk import read_whole
from harness_cli.audit.keys import parse_keys, trusted_keys
from harness_cli.audit.note import LONGEST_NOTE, NoteError, VerifierKey, parse_vkey
from harness_cli.audit.verify import Question
from harness_cli.core.errors import UsageError
from harness_cli.core.ids import TraceId


def question(
    keys: Sequence[str],
    since: str,
    only: TraceId | None,
    environ: Mapping[str, str] = os.environ,
    *,
    traces: bool = True,
) -> Question:
    """Keys that are named replace the trusted ones of this user. Raises UsageError."""
    named = tuple(key for text in keys for key in _keys(text))
    return Question(named or trusted_keys(environ), _checkpoint(since) if since else None, only, traces)


def _keys(text: str) -> tuple[VerifierKey, ...]:
    with suppress(NoteError):  # else it names a file
        return (parse_vkey(text),)
    try:
        found = tuple(parse_keys(read_whole(Path(text)).decode("utf-8", "replace").splitlines()))
    except OSError as err:
        raise UsageError(f"--key is neither a verifier key nor a file ({err.strerror})", help=_KEY_HELP) from err
    if not found:
        raise UsageError(f"there is no verifier key in {text}", help=_KEY_HELP)
    return found


_KEY_HELP = "a verifier key reads name+hash+base64; `harness audit keygen` prints one"


def _checkpoint(text: str) -> bytes:
    """The note itself: of a file, or given as text."""
    if "\n" in text:
        return text.encode("utf-8", "replace")
    try:
        return read_whole(Path(text))[: LONGEST_NOTE + 1]
    except OSError as err:
        raise UsageError(
            f"the saved checkpoint cannot be read ({err.strerror})", help="--since takes the file that holds it"
        ) from err
