import hashlib
from pathlib import Path

import pytest

from harness_cli.config.load import load_config
from harness_cli.core.errors import ConfigError
from tests.unit.config.samples import MINIMAL

LAYER = "limits: {max_calls: 10}\naudit: {retention_days: 3000}\n"


def write(folder: Path, layer: str, *, sha256: str = "", name: str = "org.yaml") -> Path:
    (folder / "org.yaml").write_text(layer, encoding="utf-8")
    digest = sha256 or hashlib.sha256(layer.encode()).hexdigest()
    path = folder / "config.yaml"
    path.write_text(f'extends: [{{file: "{name}", sha256: "{digest}"}}]\n{MINIMAL}', encoding="utf-8")
    return path


def test_layer_is_read_with_its_positions(tmp_path: Path) -> None:
    (layer,) = load_config(write(tmp_path, LAYER)).layers
    assert layer.config.limits is not None
    assert layer.config.limits.max_calls == 10
    assert layer.config.retention_days == 3000
    assert layer.config.positions[("limits", "max_calls")].column == 21


@pytest.mark.parametrize(
    ("layer", "sha256", "name"),
    [
        (LAYER, "0" * 64, "org.yaml"),
        (LAYER, "", "missing.yaml"),
        (LAYER, "", "../org.yaml"),
        (LAYER, "", "/etc/hostname"),
    ],
)
def test_layer_that_cannot_be_trusted_is_refused(tmp_path: Path, layer: str, sha256: str, name: str) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "org.yaml").write_text(layer, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(write(folder, layer, sha256=sha256, name=name))
    assert [d.code for d in caught.value.diagnostics] == ["H082"]


def test_link_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text(LAYER, encoding="utf-8")
    path = write(folder, LAYER)
    (folder / "org.yaml").unlink()
    (folder / "org.yaml").symlink_to(tmp_path / "outside.yaml")
    with pytest.raises(ConfigError, match="1 error"):
        load_config(path)


def test_layer_in_the_same_repository_may_lie_above(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "service"
    folder.mkdir()
    (tmp_path / "org.yaml").write_text(LAYER, encoding="utf-8")
    assert load_config(write(folder, LAYER, name="../org.yaml")).layers


def test_errors_of_a_layer_name_the_layer(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "runtime: {}\n"))
    (found,) = caught.value.diagnostics
    assert (found.path, found.code) == (str(tmp_path / "org.yaml"), "H006")
    assert found.path in caught.value.sources
