"""The same danger in each spelling that GitHub accepts, and what only looks like one."""

import pytest

from tests.simulators.case_builder import word
from tests.simulators.code_builder import code_case

PATH, OTHER = ".github/workflows/ci.yml", ".github/workflows/scan.yml"
SCAN = "name: scan\nrun: checkov -d ."


def workflow(*steps, on="pull_request_target", job=""):
    listed = "".join("      - " + step.replace("\n", "\n        ") + "\n" for step in steps)
    return f"on: {on}\npermissions: {{}}\njobs:\n  build:\n    runs-on: x\n{job}    steps:\n{listed}"


def checkout(ref):
    return f'uses: actions/checkout@v4\nwith:\n  ref: "{ref}"'


HEADS = [
    "${{ github.event.pull_request['head'].sha }}",
    "refs/pull/${{ github.event.number }}/merge",
    "refs/pull/${{ github.event.pull_request.number }}/head",
    "${{ github.event.pull_request.merge_commit_sha }}",
    "${{ GitHub.Event.Pull_Request.Head.SHA }}",
    "${{ format('refs/pull/{0}/merge', github.event.number) }}",
]


@pytest.mark.parametrize("ref", HEADS)
def test_a_strangers_commit_in_each_spelling_fails(ref):
    assert word("GH-26", code_case({PATH: (None, workflow(checkout(ref)))})) == "FAIL"


def test_a_strangers_commit_by_way_of_the_environment_fails():
    job = "    env:\n      R: ${{ github.event.pull_request.head.sha }}\n"
    assert word("GH-26", code_case({PATH: (None, workflow(checkout("${{ env.R }}"), job=job))})) == "FAIL"
    safe = job.replace("head", "base")
    assert word("GH-26", code_case({PATH: (None, workflow(checkout("${{ env.R }}"), job=safe))})) == "PASS"


@pytest.mark.parametrize("ref", ["${{ github.event.pull_request.base.sha }}", "main", "${{ github.sha }}"])
def test_ones_own_commit_passes(ref):
    assert word("GH-26", code_case({PATH: (None, workflow(checkout(ref)))})) == "PASS"


def test_git_that_takes_a_strangers_commit_fails():
    step = "run: git checkout ${{ github.event.pull_request.head.sha }}"
    assert word("GH-26", code_case({PATH: (None, workflow(step))})) == "FAIL"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("format('{0}', github.event.issue.title)", "FAIL"),
        ("toJSON(github.event)", "FAIL"),
        ("github.event['issue']['body']", "FAIL"),
        ("github.event_name", "PASS"),
        ("github.event.issue.number", "PASS"),
    ],
)
def test_an_expression_in_a_script(expression, said):
    made = workflow(f"run: echo ${{{{ {expression} }}}}", on="issue_comment")
    assert word("GH-26", code_case({PATH: (None, made)})) == said


def test_an_environment_that_is_put_into_the_script_text_fails():
    step = "run: echo %s\nenv:\n  T: ${{ github.event.issue.title }}"
    assert word("GH-26", code_case({PATH: (None, workflow(step % "${{ env.T }}", on="issue_comment"))})) == "FAIL"
    assert word("GH-26", code_case({PATH: (None, workflow(step % '"$T"', on="issue_comment"))})) == "PASS"


def test_a_job_that_never_runs_is_a_guard_removed():
    after = workflow(SCAN, job="    if: false\n")
    assert word("GH-28", code_case({PATH: (workflow(SCAN), after)})) == "FAIL"


def test_a_guard_under_another_name_stays():
    before, after = workflow(SCAN), workflow("name: Look\nrun: checkov -d .")
    assert word("GH-28", code_case({PATH: (before, after)})) == "PASS"
    assert word("GH-28", code_case({PATH: (before.replace("build:", "policy:"), before)})) == "PASS"


def test_a_guard_that_moves_to_another_workflow_stays():
    files = {PATH: (workflow("run: make", SCAN), workflow("run: make")), OTHER: (None, workflow(SCAN))}
    assert word("GH-28", code_case(files)) == "PASS"
    files[OTHER] = (None, workflow("run: make test"))
    assert word("GH-28", code_case(files)) == "FAIL"


@pytest.mark.parametrize(
    ("path", "line", "said"),
    [
        ("main.tf", "#ts:skip=AWS.X because", "FAIL"),
        ("t.yaml", "      cfn_nag:", "FAIL"),
        ("t.yaml", "          rules_to_suppress:", "FAIL"),
        ("t.yaml", "      cfn-lint:", "FAIL"),
        ("x.yml", "# zizmor: ignore[unpinned-uses]", "FAIL"),
        (".trivyignore", "AVD-AWS-0001", "FAIL"),
        (".trivyignore", "# a comment", "PASS"),
        ("x.yml", "uses: acme/auto-approve-action", "PASS"),
        ("main.tf", "# checkov looks at this", "PASS"),
    ],
)
def test_a_line_that_tells_a_scanner_to_look_away(path, line, said):
    assert word("GH-28", code_case({path: ("a\n", f"a\n{line}\n")})) == said
