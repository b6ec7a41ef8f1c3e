"""No credential of a run, in any form, in anything that the run leaves behind; not even when a person asks for more."""

import base64
import json
import os
import re
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from harness_cli.sandbox.estate import BUILT_IN
from tests.cli.program import harness
from tests.cli.town import a_town

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("leaks")]

LOUD = {"HARNESS_DEBUG": "1"}
FAULTS = [
    {"server": "github", "path": "*/pulls/401*", "status": 401, "body": '{"message": "Bad credentials"}'},
    {"server": "github", "path": "*/pulls/500*", "status": 500, "html": True},
    {"server": "github", "path": "*/pulls/600*", "reset": True},
    {"server": "jira", "path": "*/issue/SEC-700*", "truncate": 20},
    {"server": "aws", "path": "/acme-exports*", "status": 403, "body": "<Error><Code>AccessDenied</Code></Error>"},
    {"server": "aws", "path": "/acme-archive*", "reset": True},
    {"server": "slack", "path": "*/chat.postMessage", "reset": True},
]


def secrets_of(folder: Path, home: Path) -> dict[str, str]:
    """Every credential that the stand-ins gave out or keep, by its name."""
    found = {}
    kept = folder / ".harness" / "sandbox"
    for path in kept.iterdir():
        text = path.read_text() if path.is_file() else ""
        if "token" in path.name or path.name in {"jira-client-secret", "slack-client-secret", "slack-refresh"}:
            found[path.name] = text.strip()
        elif path.suffix == ".pem":
            found |= {f"{path.name}:{n}": line for n, line in enumerate(text.splitlines()) if "-----" not in line}
        elif path.name == "aws-credentials":
            found["aws secret key"] = re.search(r"aws_secret_access_key\s*=\s*(\S+)", text)[1]
    for path in (home / ".local" / "state" / "harness").rglob("*.json"):
        found |= {f"login:{path.parent.name}:{key}": value for key, value in json.loads(path.read_text()).items()}
    return {name: value for name, value in found.items() if len(value) >= 12}


def forms(secret: str) -> set[str]:
    raw = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        raw.hex(),
        *(base64.b64encode(b"x" * shift + raw).decode()[4:-4] for shift in range(3)),
        *(base64.urlsafe_b64encode(b"x" * shift + raw).decode()[4:-4] for shift in range(3)),
    }


def leaks(secrets: dict[str, str], texts: dict[str, str]) -> list[tuple[str, str]]:
    """(secret, place) for each secret that stands in a text in any form; what is shown are names only."""
    return [
        (name, place)
        for name, secret in secrets.items()
        for form in forms(secret)
        for place, text in texts.items()
        if form in text
    ]


def left_behind(folder: Path) -> dict[str, str]:
    parts = [folder / ".harness" / part for part in ("audit", "runs", "approvals")]
    return {
        str(path.relative_to(folder)): path.read_bytes().decode("utf-8", "replace")
        for part in parts
        for path in part.rglob("*")
        if path.is_file() and "signing" not in path.name
    }


def test_loud_runs_through_every_kind_of_failure_leave_no_credential_behind(tmp_path):
    (tmp_path / "faults.yaml").write_text(json.dumps(FAULTS))
    pulls = [arg for number in (88, 401, 500, 600) for arg in ("--pr", f"acme/infra-core#{number}")]
    said: dict[str, str] = {}
    with a_town(tmp_path, "--faults", str(tmp_path / "faults.yaml")) as town:
        runs = {
            "whole": ("--ticket", "SEC-12", *pulls, "--format", "json"),
            "text": ("--ticket", "SEC-700", "--check", "TKT-01", "--check", "S3-02", "--format", "text"),
            "notify": ("--check", "CT-01", "--notify", "--format", "json"),
        }
        for name, args in runs.items():
            ran = town.run("--env", "dev", *args, "-vv", **LOUD)
            said |= {f"{name} stdout": ran.out, f"{name} stderr": ran.err}
        asked = json.loads(said["notify stdout"])
        (request,) = asked["approvals"]
        town.harness("sandbox", "login", "li", "--config", str(town.config))
        for args in (
            ("approve", request["requestId"], "--approve", "--digest", request["digest"], "--profile", "li"),
            ("run", "--resume", asked["traceId"], "-vv"),
            ("trace", asked["traceId"], "--format", "jsonl"),
            ("approve", request["requestId"], "--format", "json"),
        ):
            ran = town.harness(*args, "--config", str(town.config), **LOUD)
            said |= {f"{args[0]} stdout": ran.out, f"{args[0]} stderr": ran.err}
    secrets = secrets_of(tmp_path, town.home)
    assert len(secrets) > 40
    assert any(value.count(".") == 2 for value in secrets.values())  # the ID tokens of ana and li
    assert leaks(secrets, said | left_behind(tmp_path)) == []


def test_the_search_itself_finds_each_form(faker_token):
    for form in forms(faker_token):
        assert leaks({"planted": faker_token}, {"there": f"before {form} after"})


def test_a_report_that_would_hold_a_credential_of_the_run_is_not_written(tmp_path):
    """A change whose path holds the very secret that the run reads Jira with: the report would cite the path."""
    first = harness("run", "--sandbox", "--env", "dev", "--check", "CT-01", "-q", cwd=tmp_path, HOME=os.environ["HOME"])
    assert first.code == 0, first.err
    secret = (tmp_path / ".harness" / "sandbox" / "jira-client-secret").read_text().strip()
    estate = yaml.safe_load(BUILT_IN.read_text().replace("envs/prod/db", f"envs/prod/{secret}"))
    (tmp_path / "estate.yaml").write_text(yaml.safe_dump(estate, sort_keys=False))
    known = set((tmp_path / ".harness" / "runs").iterdir())
    ran = harness(
        *("run", "--sandbox", "--estate", "estate.yaml", "--env", "dev", "--ticket", "SEC-12", "--format", "json"),
        cwd=tmp_path,
        HOME=os.environ["HOME"],
        **LOUD,
    )
    assert (ran.code, ran.out) == (1, "")
    assert "error[X002]" in ran.err
    assert (tmp_path / ".harness" / "sandbox" / "jira-client-secret").read_text().strip() == secret
    assert not [path for run in set((tmp_path / ".harness" / "runs").iterdir()) - known for path in run.iterdir()]
    trail = max((tmp_path / ".harness" / "audit").glob("2*/*/*/*.jsonl"))
    lines = [json.loads(line) for line in trail.read_bytes().splitlines()]
    (hit,) = [line for line in lines if line["event"] == "redaction"]
    assert (hit["outcome"], hit["detail"]["sink"]) == ("blocked", "the report")
    assert lines[-1]["event"] == "trace.end"
    assert leaks({"secret": secret}, {"out": ran.out, "err": ran.err} | left_behind(tmp_path)) == []
