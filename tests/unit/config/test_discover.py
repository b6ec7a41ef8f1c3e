from pathlib import Path

from harness_cli.config.discover import find_config


def test_option_wins_over_environment_and_folder(tmp_path: Path) -> None:
    (tmp_path / "agent-harness-config.yaml").touch()
    assert find_config(Path("a.yaml"), {"HARNESS_CONFIG": "b.yaml"}, tmp_path) == Path("a.yaml")
    assert find_config(None, {"HARNESS_CONFIG": "b.yaml"}, tmp_path) == Path("b.yaml")
    assert find_config(None, {}, tmp_path) == tmp_path / "agent-harness-config.yaml"


def test_nothing_is_inherited_from_the_folder_above(tmp_path: Path) -> None:
    (tmp_path / "agent-harness-config.yaml").touch()
    below = tmp_path / "below"
    below.mkdir()
    assert find_config(None, {}, below) is None
