"""Every benchmark still runs, at sizes that say nothing about speed; and what its table says is true."""

import importlib

import pytest

from benchmarks.__main__ import KNOWN, main
from benchmarks._estate import resources, written
from benchmarks._figures import Figure, at_least, at_most, line
from harness_cli.sandbox.estate import load_estate

IN_PROCESS = sorted({*KNOWN} - {"startup"})  # that one only starts processes


@pytest.mark.parametrize("name", IN_PROCESS)
def test_a_benchmark_runs_at_small_sizes(name, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCH_DIR", str(tmp_path))
    figures = list(importlib.import_module(f"benchmarks.{name}").figures(small=True))
    assert figures
    assert all(figure.what and figure.ours for figure in figures)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("figure", "held"),
    [
        (at_most("x", 10, 10, "us"), True),
        (at_most("x", 10.1, 10, "us"), False),
        (at_least("x", 0.7, 0.7, "MB/s"), True),
        (at_least("x", 0.69, 0.7, "MB/s"), False),
    ],
)
def test_a_goal_is_held_up_to_its_bound(figure, held):
    assert figure.held is held
    assert line(figure.cells).endswith("yes" if held else "NO")


def test_a_figure_without_a_goal_is_not_judged():
    assert line(Figure("memory", "3 MB", "casbin 9 MB", 3.0).cells).endswith("3")


def test_an_unknown_name_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["nothing"])
    assert ended.value.code == 2
    assert "no benchmark nothing" in capsys.readouterr().err


def test_an_estate_holds_as_many_resources_as_asked(tmp_path):
    path = tmp_path / "estate.yaml"
    count = written(path, 100)
    assert 100 <= count <= 101
    estate = load_estate(path)
    assert resources([{"call": one.call} for one in estate.aws.calls]) == count
