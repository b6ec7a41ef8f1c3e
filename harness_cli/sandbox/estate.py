"""Loading an estate: YAML, placeholders for secrets, strict decoding, references checked.

Ordered contract: 1. the file is read with a bound; 2. `{{secret:KIND:NAME}}` becomes a secret-shaped text made from
the kind and name only, so that no such text stands in a file and yet every machine shows the same one; 3. decoding
refuses what it does not know; 4. every person, commit and branch that is named must exist.
"""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness_cli.sandbox.decode import decode, parse_yaml, read_yaml
from harness_cli.sandbox.errors import EstateError
from harness_cli.sandbox.model import Estate
from harness_cli.sandbox.references import check_references

BUILT_IN = Path(__file__).with_name("estate.yaml")

_PLACEHOLDER = re.compile(r"\{\{secret:([a-z_]+)(?::([a-z0-9_-]+))?\}\}")


def load_estate(path: Path | None = None) -> Estate:
    """The estate in a file; without a path the one that ships with the program. Raises: EstateError."""
    source = BUILT_IN if path is None else path
    estate = decode(Estate, _filled(read_yaml(source)), source.name)
    return _finished(estate, source.read_bytes(), source.name)


def parse_estate(text: str, name: str = "estate.yaml") -> Estate:
    """The estate in a text. Raises: EstateError."""
    data = text.encode()
    return _finished(decode(Estate, _filled(parse_yaml(data, name)), name), data, name)


def _finished(estate: Estate, data: bytes, name: str) -> Estate:
    if estate.version != 1:
        raise EstateError(f"estate version {estate.version} is not known", place=f"{name}.version", help="write 1")
    check_references(estate, name)
    return replace(estate, sha256=hashlib.sha256(data).hexdigest())


def _filled(raw: Any) -> Any:  # Any: a raw YAML document
    if isinstance(raw, str):
        return _PLACEHOLDER.sub(lambda found: made_up_secret(found[1], found[2] or ""), raw)
    if isinstance(raw, list):
        return [_filled(item) for item in raw]
    if isinstance(raw, dict):
        return {key: _filled(value) for key, value in raw.items()}
    return raw


def made_up_secret(kind: str, name: str = "") -> str:
    """A text of the shape of a secret that opens nothing. Raises: EstateError for an unknown kind."""
    seed = hashlib.sha512(f"harness sandbox {kind} {name}".encode()).digest()
    match kind:
        case "aws_key":
            return "AK" + "IA" + base64.b32encode(seed)[:16].decode()
        case "aws_secret":
            return base64.b64encode(seed)[:40].decode().replace("=", "x")
        case "github_token":
            return "gh" + "p_" + seed.hex()[:36]
        case "slack_token":
            return "xox" + "b-" + str(int.from_bytes(seed[:6]))[:12].zfill(12) + "-" + seed.hex()[:24]
        case "password":
            return base64.urlsafe_b64encode(seed)[:24].decode()
        case _:
            raise EstateError(f"unknown kind of secret `{kind}`")
