"""The same estate gives the same report: two runs differ in times and ids alone, in every format."""

import re

import pytest

from tests.cli.town import a_town

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("same")]

FORMATS = ("json", "text", "markdown", "html", "sarif", "ocsf")
# what names a run, a moment or a line of its trail; nothing else may differ
OWN = (
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
    r"\d{4}\D{1,3}\d\d\D{1,3}\d\d[T ]\d\d\S{1,2}\d\d(\S{1,2}\d\d(\S{1,2}\d{3})?)?( UTC|Z)",
    r"(?<=time\": )\d{13}",
    r"(?<=\"auditSeq\": )\d+",
    r"(?<=#)\d+",
    r"\b\d+\.\d s\b|\b\d+ m?s\b|(?<=\"durationMs\": )\d+",
    r"(?<=\"head\": \")[0-9a-f]{64}",
    r"(?<=last line <code>)[0-9a-f]{64}",
    r"(?<=\"checkpoint\": \")[^\"]+|(?<=class=\"checkpoint\">)[^\n]+?(?=</p>)",
)


def test_two_runs_on_the_same_estate_say_the_same_but_for_times_and_ids(tmp_path):
    with a_town(tmp_path) as town:
        first, second = (_reports(town, name) for name in ("one", "two"))
    for name in FORMATS:
        assert len(first[name]) > 1_000
        assert _without_own(first[name]) == _without_own(second[name]), name


def _reports(town, run: str) -> dict[str, str]:
    files = {name: town.folder / f"{run}.{name}" for name in FORMATS}
    asked = [part for name, file in files.items() for part in ("--output", f"{name}={file}")]
    ran = town.run("--env", "dev", "--ticket", "SEC-12", *asked)
    assert ran.code == 10, ran.err
    return {name: file.read_text() for name, file in files.items()}


def _without_own(report: str) -> list[str]:
    for pattern in OWN:
        report = re.sub(pattern, "…", report)
    return report.splitlines()
