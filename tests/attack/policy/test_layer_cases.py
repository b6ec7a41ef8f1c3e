"""LY09: a layer that was declared and cannot be read refuses the run; what it would have forbidden is never granted."""

import hashlib
from pathlib import Path

import pytest

from tests.cli.program import harness
from tests.unit.config.samples import MINIMAL

ORG = "limits: {max_calls: 10}\n"


@pytest.mark.parametrize("state", ["missing", "a folder", "not YAML", "another text"])
def test_ly09_a_declared_layer_that_is_missing_or_unreadable_refuses_the_run(tmp_path: Path, state: str) -> None:
    layer, written = tmp_path / "org.yaml", "limits: [" if state == "not YAML" else ORG
    digest = hashlib.sha256(written.encode()).hexdigest()
    config = tmp_path / "config.yaml"
    config.write_text(f'extends: [{{file: "org.yaml", sha256: "{digest}"}}]\n{MINIMAL}', encoding="utf-8")
    if state == "a folder":
        layer.mkdir()
    elif state != "missing":
        layer.write_text(written if state == "not YAML" else "limits: {max_calls: 99}\n", encoding="utf-8")
    done = harness("run", "--config", str(config), "--env", "dev", "--ticket", "SEC-12", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert "org.yaml" in done.err
    assert not (tmp_path / ".harness").exists()
