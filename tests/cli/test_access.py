"""Reading a trail is written down where the configuration asks for it, and never at the expense of the reading."""

import json
import shutil

import pytest

from tests.cli.town import a_town, variant

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("same")]

RUN = ("--env", "dev", "--ticket", "SEC-31", "--check", "TKT-01")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with a_town(tmp_path_factory.mktemp("access")) as made:
        yield made


@pytest.fixture(scope="module")
def seen(town):
    """A run, and a configuration that wants to know who reads about it."""
    assert town.run(*RUN).code == 10
    return town.newest_trail()[0]["traceId"], variant(town, "seen", ("audit.log_access", True))


def accesses(town):
    paths = sorted((town.folder / ".harness" / "audit").glob("2*/*/*/*.jsonl"))
    lines = [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]
    return [
        (line["op"], line.get("detail", {}).get("trace", "")) for line in lines if line["event"] == "audit.accessed"
    ]


def test_each_reading_of_a_trail_is_a_sealed_trace(town, seen):
    trace, config = seen
    assert town.harness("trace", trace, "--config", config).code == 0
    assert town.harness("trace", trace, "--verify", "--config", config).code == 0
    assert town.harness("trace", trace, "--why", "3", "--config", config).code == 0
    assert town.harness("audit", "verify", "--config", config).code == 0
    assert accesses(town) == [
        ("trace:show", trace),
        ("trace:verify", trace),
        ("trace:why", trace),
        ("audit:verify", ""),
    ]
    shown = town.harness("trace", town.newest_trail()[0]["traceId"], "--config", str(town.config))
    assert "audit.accessed audit:verify" in shown.out


def test_what_reads_no_trail_is_not_written(town, seen):
    before = accesses(town)
    assert town.harness("trace", "--config", seen[1]).code == 0
    assert town.harness("trace", "ffffffff", "--config", seen[1]).code == 12
    assert town.harness("trace", seen[0], "--config", str(town.config)).code == 0
    assert accesses(town) == before


def test_a_copy_that_somebody_else_examines_stays_as_it_is(town, seen, tmp_path):
    shutil.copytree(town.folder / ".harness" / "audit", tmp_path / ".harness" / "audit")
    shutil.copy(seen[1], tmp_path / "agent-harness-config.yaml")
    before = {path: path.read_bytes() for path in (tmp_path / ".harness").rglob("*") if path.is_file()}
    ran = town.harness(
        "trace",
        seen[0],
        "--config",
        str(tmp_path / "agent-harness-config.yaml"),
        XDG_CONFIG_HOME=str(tmp_path / "else"),
    )
    assert ran.code == 0
    assert "this reading is not recorded: another key signs this ledger" in ran.err
    assert {path: path.read_bytes() for path in (tmp_path / ".harness").rglob("*") if path.is_file()} == before
