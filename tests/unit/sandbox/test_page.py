"""docs/sandbox.md names every key that an estate or a faults file may have."""

import dataclasses
import re

import pytest

from harness_cli.sandbox import model
from harness_cli.sandbox.faults import SERVERS, Fault
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "sandbox.md").read_text()
NAMED = set(re.findall(r"`([a-z_]+)`", PAGE))
COMPUTED = {"sha256"}  # of the file; nobody writes it
RECORDS = [kind for kind in vars(model).values() if dataclasses.is_dataclass(kind)]


@pytest.mark.parametrize("kind", [*RECORDS, Fault], ids=lambda kind: kind.__name__)
def test_every_key_stands_in_the_page(kind):
    keys = {field.name for field in dataclasses.fields(kind)} - COMPUTED
    assert keys - NAMED == set()


def test_every_server_stands_in_the_page():
    assert set(SERVERS) <= NAMED
