"""Lists and timelines of trails: nothing is cut, whatever the width."""

import pytest

from harness_cli.audit.reader import TraceSummary, load
from harness_cli.core.ids import TraceId
from harness_cli.guard.clean import columns_of
from harness_cli.render.trace_text import render_list, render_trail
from tests.unit.audit.trails import trails

ID = TraceId("019312d0-2222-7000-8000-000000000000")
START = "2026-11-22T09:30:00.000Z"


def summary(person, state="sealed", outcome="success", **counts):
    return TraceSummary(ID, state, START, "", "infra-review", person, "prod", outcome, 9, counts)


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_list_fits_and_names_everybody(width):
    rows = [summary("ana.maria.lopez@acme.example", "recovered", "indeterminate", intents=7), summary("李@例え.jp")]
    shown = render_list(rows, width)
    assert "…" not in shown
    assert "ana.maria.lopez@acme.example" in shown
    lines = shown.splitlines()
    assert max(map(columns_of, lines)) <= width
    assert len(lines) == (3 if width == 160 else 6)
    ends = {columns_of(line) for line in lines if line.rstrip()[-1].isdigit() and "prod" in line}
    assert len(ends) == 1  # characters that take two columns leave the columns straight


@pytest.mark.parametrize(
    ("state", "outcome", "shown"),
    [
        ("sealed", "blocked", "blocked"),
        ("paused", "pending", "paused"),
        ("open", "", "open"),
        ("recovered", "indeterminate", "recovered"),
    ],
)
def test_a_list_says_how_a_run_ended_or_that_it_did_not(state, outcome, shown):
    assert f"09:30:00  {shown}" in render_list([summary("ana", state, outcome)], 160)


@pytest.mark.parametrize("verbose", [0, 1])
def test_a_timeline_of_eighty_columns_keeps_operation_and_resource(tmp_path, verbose):
    made = trails(tmp_path)
    trace_id = made.sealed()
    shown = render_trail(load(made.folder, trace_id), 80, verbose=verbose)
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
    assert shown.count("github:get_pull") >= 2


def test_a_run_that_waits_says_for_what(tmp_path):
    made = trails(tmp_path)
    writer = made.open()
    writer.pause(["01a3-request"])
    shown = render_trail(load(made.folder, writer.trace_id), 80)
    assert "state        paused\n  outcome      pending\n  waits for    01a3-request\n" in shown
