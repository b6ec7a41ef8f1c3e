"""`harness trace` and `harness audit`, as a shell runs them."""

import json
import os
import subprocess
import sys

import pytest

from harness_cli.commands.project import project_paths
from tests.cli.program import harness
from tests.unit.audit.trails import call, trails


@pytest.fixture
def project(tmp_path):
    made = trails(tmp_path / ".harness")
    (tmp_path / ".harness").mkdir()
    return made, tmp_path


def test_recent_runs_are_listed_newest_first(project):
    made, folder = project
    ids = [made.sealed() for _ in range(3)]
    ran = harness("trace", cwd=folder)
    assert ran.code == 0
    assert [line[:36] for line in ran.out.splitlines()[1:]] == ids[::-1]
    found = json.loads(harness("trace", "--format", "json", "--limit", "1", cwd=folder).out)
    assert [one["traceId"] for one in found["traces"]] == ids[2:]


def test_an_empty_project_lists_nothing(project):
    _, folder = project
    assert harness("trace", cwd=folder).out == f"no traces in {folder / '.harness' / 'audit'}\n"


def test_trails_without_a_ledger_are_no_empty_project(project):
    made, folder = project
    trace_id = made.sealed()
    (made.ledger / "entries.jsonl").unlink()
    ran = harness("trace", cwd=folder)
    assert ran.out.endswith("its ledger names none of them: ask `harness audit verify`\n")
    assert trace_id in harness("trace", trace_id[:13], cwd=folder).out


def test_one_run_is_shown_by_the_beginning_of_its_id(project):
    made, folder = project
    trace_id = made.sealed()
    ran = harness("trace", trace_id[:13], cwd=folder)
    assert ran.code == 0
    assert trace_id in ran.out
    assert "github_reader: 2 success" in ran.out
    assert "chain: 8 lines in order" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100


def test_jsonl_is_the_file_word_for_word(project):
    made, folder = project
    trace_id = made.sealed()
    assert harness("trace", trace_id, "--format", "jsonl", cwd=folder).out.encode() == made.path(trace_id).read_bytes()


def test_lines_are_filtered_by_tool_and_outcome(project):
    made, folder = project
    trace_id = made.sealed()
    ran = harness("trace", trace_id, "--tool", "github_reader", "--outcome", "pending", "--format", "jsonl", cwd=folder)
    assert {json.loads(line)["event"] for line in ran.out.splitlines()} == {"tool.intent"}
    shown = harness("trace", trace_id, "--tool", "github_reader", cwd=folder).out
    assert "broken" not in shown  # picked lines are no chain, and no alarm
    assert "chain: not looked at: 6 picked lines are shown" in shown


def test_runs_are_filtered(project):
    made, folder = project
    made.sealed()
    made.sealed(outcome="blocked")

    def count(*args):
        return len(json.loads(harness("trace", "--format", "json", *args, cwd=folder).out)["traces"])

    assert count("--outcome", "blocked") == 1
    assert count("--person", "ana") == 2
    assert count("--person", "bo") == 0
    assert count("--tool", "github_reader") == 2
    assert count("--tool", "slack_notifier") == 0
    assert count("--agent", "infra-review") == 2
    assert count("--since-time", "2030-01-01T00:00:00Z") == 0
    assert count("--until", "2020-01-01T00:00:00Z") == 0
    assert count("--verdict", "block") == 0  # no review made these
    assert harness("trace", "--until", "yesterday", cwd=folder).code == 2
    empty = harness("trace", "--person", "bo", "--tool", "github_reader", cwd=folder).out
    assert empty.startswith("no traces with --tool github_reader --person bo (2 in all, the newest 01a2")
    assert empty.endswith(": leave a filter out, or see them with `harness trace`\n")
    assert "(2 in all" in harness("trace", "--person", "bo", "--format", "jsonl", cwd=folder).err
    for flag, known in (("--outcome", "success, blocked"), ("--verdict", "NONE, LOW")):
        ran = harness("trace", flag, "sucess", cwd=folder)
        assert ran.code == 2
        assert known in ran.err


def test_an_unknown_id_is_not_found(project):
    made, folder = project
    made.sealed()
    for name in ("01a20320-0000-7000-8000-000000000000", "ffffffff", "../../etc", "nix"):
        assert harness("trace", name, cwd=folder).code == 12
        assert harness("trace", name, "--verify", cwd=folder).code == 12


def test_a_prefix_of_two_runs_is_ambiguous(project):
    made, folder = project
    made.sealed(), made.sealed()
    ran = harness("trace", "01a2", cwd=folder)
    assert ran.code == 12
    assert "2 traces" in ran.err


@pytest.mark.parametrize("format", ["text", "json"])
def test_verdicts_are_exit_codes(project, format):
    made, folder = project
    trace_id = made.sealed()
    assert harness("trace", trace_id, "--verify", "--format", format, cwd=folder).code == 0
    assert harness("audit", "verify", "--format", format, cwd=folder).code == 0
    assert harness("audit", "verify", "--format", format, cwd=folder, HOME=str(folder)).code == 11
    killed = made.crashed()
    assert harness("trace", killed.trace_id, "--verify", "--format", format, cwd=folder).code == 5
    assert harness("audit", "verify", "--ledger-only", cwd=folder).code == 5
    made.path(trace_id).unlink()
    ran = harness("trace", trace_id, "--verify", "--format", format, cwd=folder)
    assert ran.code == 9
    assert "missing" in ran.out


def test_a_saved_checkpoint_tells_a_rollback(project):
    made, folder = project
    made.sealed()
    saved = folder / "saved"
    saved.write_bytes((made.ledger / "checkpoint").read_bytes())
    assert harness("audit", "verify", "--since", "saved", cwd=folder).code == 0
    assert harness("audit", "verify", "--all", "--since", "saved", cwd=folder).code == 0
    made.folder.rename(folder / "gone")
    assert harness("audit", "verify", cwd=folder).code == 12
    assert harness("audit", "verify", "--since", "saved", cwd=folder).code == 9
    assert harness("audit", "verify", "--since", "nothing", cwd=folder).code == 2


def test_a_key_is_given_as_text_or_file(project):
    made, folder = project
    made.sealed()
    vkey = made.ledger / "audit.vkey"
    for key in (vkey.read_text().strip(), str(vkey)):
        assert harness("audit", "verify", "--key", key, cwd=folder, HOME=str(folder)).code == 0
    assert harness("audit", "verify", "--key", "nonsense", cwd=folder).code == 2


def test_repair_closes_what_a_killed_run_left(project):
    made, folder = project
    killed = made.crashed()
    ran = harness("audit", "verify", "--repair", cwd=folder)
    assert ran.code == 5
    assert killed.trace_id in ran.err
    assert b"trace.recovered" in killed.path.read_bytes()


def test_keygen_writes_a_private_key_once_and_shows_the_public_one(project):
    _, folder = project
    ran = harness("audit", "keygen", "--out", "ci.key", "--name", "example.com/ci", cwd=folder)
    assert ran.code == 0
    assert ran.out.startswith("example.com/ci+")
    assert (folder / "ci.key").stat().st_mode & 0o777 == 0o600
    assert (folder / "ci.key").read_text().split("+")[4] not in ran.out
    assert harness("audit", "keygen", "--out", "ci.key", cwd=folder).code == 2
    mine = harness("audit", "keygen", cwd=folder)
    assert mine.out == harness("audit", "keygen", cwd=folder).out


def test_why_names_what_is_behind_a_line(project):
    made, folder = project
    trace_id = made.sealed()
    ran = harness("trace", trace_id, "--why", "3", cwd=folder)
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()][:3] == ["line", "decision", "rule"]
    assert "recorded policy: not asked (the line cites no policy)" in ran.out
    assert "today: not asked (no configuration here)" in ran.out
    assert harness("trace", trace_id, "--why", "99", cwd=folder).code == 12
    assert harness("trace", "--why", "1", cwd=folder).code == 2
    assert json.loads(harness("trace", trace_id, "--why", "3", "--format", "json", cwd=folder).out)["event"]["seq"] == 3


def test_the_page_needs_nothing_else(project):
    made, folder = project
    trace_id = made.sealed()
    assert harness("trace", trace_id, "--format", "html", "--output", "page.html", cwd=folder).code == 0
    page = (folder / "page.html").read_text()
    assert trace_id in page
    assert '<span class="verdict passed">the trail: OK</span>' in page
    assert f"key <code>{(made.ledger / 'audit.vkey').read_text().strip()}" in page
    for word in ("<script", "src=", "http://", "https://", "@import", "url("):
        assert word not in page


def test_hostile_text_reaches_neither_terminal_nor_page(project):
    from harness_cli.audit.events import Event, EventKind

    made, folder = project
    writer = made.open()
    hostile = "<img onerror=x>\x1b[2J\u202e\n#"
    writer.record(Event(EventKind.FINDING, op=hostile, resource=(("repo", hostile),), finding={"id": hostile}))
    writer.seal("success", {})
    bad = ("\x1b", "\u202e", "<img onerror=x>")
    assert not [one for one in bad[:2] if one in harness("trace", writer.trace_id, cwd=folder).out]
    page = harness("trace", writer.trace_id, "--format", "html", cwd=folder).out
    assert not [one for one in bad if one in page]


def test_a_format_that_does_not_exist_is_a_usage_error(project):
    _, folder = project
    assert harness("trace", "--format", "xml", cwd=folder).code == 2
    assert harness("trace", "--format", "html", cwd=folder).code == 2
    assert harness("audit", "verify", "--format", "xml", cwd=folder).code == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_reading_needs_no_write_access(project):
    made, folder = project
    trace_id = made.sealed()
    made.folder.chmod(0o500)
    made.ledger.chmod(0o500)
    try:
        assert harness("trace", cwd=folder).code == 0
        assert harness("trace", trace_id, "--verify", cwd=folder).code == 0
    finally:
        made.folder.chmod(0o700)
        made.ledger.chmod(0o700)


def test_reading_changes_nothing(project):
    made, folder = project
    made.sealed()
    trace_id = made.crashed().trace_id
    before = {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")}
    for args in ((), (trace_id,), (trace_id, "--verify"), ("--verify",)):
        harness("trace", *args, cwd=folder)
    assert before == {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")}


def test_trace_loads_no_client_library(project):
    made, folder = project
    writer = made.open()
    call(writer)
    writer.seal("success", {})
    code = (
        "import sys\n"
        "from harness_cli.cli import main\n"
        "main(['trace']); main(['trace', sys.argv[1]])\n"
        "heavy = {'boto3', 'botocore', 'github', 'jira', 'slack_sdk', 'requests', 'urllib3', 'jsonschema', 'rich'}\n"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, writer.trace_id], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("broken", ["runtime: [", "no: such\nkeys: here\n", "audit: 7\n", "\x00"])
def test_a_refused_configuration_does_not_hide_the_trails(project, broken):
    made, folder = project
    trace_id = made.sealed()
    (folder / "agent-harness-config.yaml").write_text(broken, "utf-8")
    ran = harness("trace", cwd=folder)
    assert (ran.code, ran.out.splitlines()[1][:36]) == (0, trace_id)
    assert "the configuration is refused (" in ran.err
    assert "see `harness validate-config`): trails are read from" in ran.err
    assert harness("audit", "verify", cwd=folder).code == 0


def test_a_refused_configuration_still_says_where_the_trails_are(tmp_path):
    trace_id = trails(tmp_path / "elsewhere").sealed()
    (tmp_path / "agent-harness-config.yaml").write_text("audit: {directory: elsewhere/audit}\n", "utf-8")
    assert trace_id in harness("trace", cwd=tmp_path).out


@pytest.mark.parametrize("named", ['"a\\0b"', "x" * 5000])
def test_what_is_no_path_gives_way_to_the_default_folder_and_it_is_said(tmp_path, capsys, named):
    config = tmp_path / "agent-harness-config.yaml"
    config.write_text(f"audit: {{directory: {named}}}\n", "utf-8")
    default = tmp_path / ".harness" / "audit"
    assert project_paths(config).audit == default
    said = capsys.readouterr().err
    assert said.startswith("`audit.directory` is no path: ")
    assert f"trails are read from {default}\n" in said
    assert len(said.splitlines()[0]) < 200


@pytest.mark.parametrize("named", ["nowhere/audit", "plain"])
def test_other_trails_do_not_stand_in_for_a_folder_that_is_missing(tmp_path, named):
    trails(tmp_path / ".harness").sealed()
    (tmp_path / "plain").write_text("")
    (tmp_path / "agent-harness-config.yaml").write_text(f"audit: {{directory: {named}}}\n", "utf-8")
    assert harness("audit", "verify", cwd=tmp_path).code == 12


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("ID", "--verify", "--tool", "jira_reader"), "--tool picks runs or lines, and this looks at a whole trail"),
        (("ID", "--why", "3", "--outcome", "error"), "--outcome picks runs or lines"),
        (("--since", "saved", "--limit", "3"), "--limit picks runs or lines"),
        (("ID", "--limit", "3"), "--limit goes with the list of runs"),
        (("ID", "--key", "k"), "nothing is verified\n   = help: add --verify"),
        (("ID", "--why", "3", "--verify"), "--why decides one line again and --verify checks a trail"),
        (("ID", "--verify", "--format", "html"), "no format of a verification 'html'"),
        (("ID", "--why", "3", "--format", "ocsf"), "no format of --why 'ocsf'"),
        (("ID", "--outcome", "paused"), "no outcome 'paused'"),
    ],
)
def test_what_nothing_would_hear_is_refused(tmp_path, asked, said):
    ran = harness("trace", *asked, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_a_filter_that_picks_no_line_says_what_there_is(project):
    made, folder = project
    ran = harness("trace", made.sealed(), "--tool", "nosuch", cwd=folder)
    assert ran.err == "none of the 8 lines has --tool nosuch; its tools are github_reader, harness\n"
    assert "who          ana" in ran.out


@pytest.mark.parametrize("name", ["--agent", "--person", "--verdict", "--since-time", "--until"])
def test_a_filter_of_runs_is_refused_for_one_run(tmp_path, name):
    word = "2026-11-22T09:30:00Z" if "time" in name or name == "--until" else "BLOCK"
    ran = harness("trace", "019312d0-2222", name, word, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert f"{name} goes with the list of runs" in ran.err
