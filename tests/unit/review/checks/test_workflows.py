import pytest

from harness_cli.review.finding import Origin, Severity, Status
from tests.simulators.case_builder import DENIED, case, changed, findings, known, only, pull, word
from tests.simulators.code_builder import code_case, code_pull

PATH = ".github/workflows/ci.yml"
SHA = "a" * 40
GOOD = f"""
on: pull_request
permissions: {{}}
jobs:
  scan:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: acme/tool@{SHA}
      - run: checkov --directory .
"""


def workflow(step="run: make", on="pull_request", permissions="{}", job="build", more=""):
    return f"on: {on}\npermissions: {permissions}\njobs:\n  {job}:\n    runs-on: x\n{more}    steps:\n      - {step}\n"


CHECKOUT = "{uses: actions/checkout@v4, with: {ref: '${{ github.event.pull_request.head.sha }}'}}"
INHERITS = f"""on: push
permissions: {{}}
jobs:
  a:
    uses: acme/x/.github/workflows/y.yml@{SHA}
    secrets: inherit
"""
INJECTED = workflow("run: echo ${{ github.head_ref }}")
ADDED = [
    ("GH-26", "a plain workflow passes", GOOD, "PASS"),
    ("GH-26", "a stranger's code under pull_request_target fails", workflow(CHECKOUT, "pull_request_target"), "FAIL"),
    ("GH-26", "the same in a list of triggers fails", workflow(CHECKOUT, "[push, workflow_run]"), "FAIL"),
    ("GH-26", "the same in a mapping of triggers fails", workflow(CHECKOUT, "{issue_comment: {}}"), "FAIL"),
    ("GH-26", "a stranger's code under pull_request passes", workflow(CHECKOUT), "PASS"),
    ("GH-26", "gh pr checkout fails", workflow("run: gh pr checkout 1", "pull_request_target"), "FAIL"),
    (
        "GH-26",
        "an event's text in a script fails",
        workflow("run: echo '${{ github.event.comment.body }}'", "issue_comment"),
        "FAIL",
    ),
    ("GH-26", "a branch name in a script fails", workflow("run: echo ${{ github.head_ref }}"), "FAIL"),
    (
        "GH-26",
        "a title in a github-script fails",
        workflow("{uses: actions/github-script@v7, with: {script: 'x(`${{ github.event.issue.title }}`)'}}"),
        "FAIL",
    ),
    (
        "GH-26",
        "a number in a script passes",
        workflow("run: echo ${{ github.event.pull_request.number }}", "pull_request_target"),
        "PASS",
    ),
    (
        "GH-26",
        "an event's text through env passes",
        workflow("{run: 'echo $T', env: {T: '${{ github.event.issue.title }}'}}", "issue_comment"),
        "PASS",
    ),
    ("GH-27", "a tight workflow passes", GOOD, "PASS"),
    ("GH-27", "write-all fails", workflow(permissions="write-all"), "FAIL"),
    ("GH-27", "no permissions fail", workflow().replace("permissions: {}\n", ""), "FAIL"),
    (
        "GH-27",
        "permissions of every job pass",
        workflow(more="    permissions: {}\n").replace("permissions: {}\n", "", 1),
        "PASS",
    ),
    ("GH-27", "a tag of somebody else's action fails", workflow("uses: acme/tool@v1"), "FAIL"),
    ("GH-27", "a tag of GitHub's own action passes", workflow("uses: github/codeql-action/init@v3"), "PASS"),
    ("GH-27", "a local action passes", workflow("uses: ./here"), "PASS"),
    ("GH-27", "an image by tag fails", workflow("uses: docker://alpine:3"), "FAIL"),
    (
        "GH-27",
        "handing on every secret fails",
        INHERITS,
        "FAIL",
    ),
]


@pytest.mark.parametrize(("check_id", "fact", "text", "said"), ADDED, ids=[fact for _, fact, *_ in ADDED])
def test_added_workflow(check_id, fact, text, said):
    assert word(check_id, code_case({PATH: (None, text)})) == said, fact


CHANGED = [
    ("a scan that stays passes", GOOD, GOOD + "\n", "PASS"),
    ("a scan that goes fails", GOOD, GOOD.replace("checkov --directory .", "true"), "FAIL"),
    ("a workflow that goes fails", GOOD, None, "FAIL"),
    (
        "a scan that may fail fails",
        GOOD,
        GOOD.replace("    runs-on", "    continue-on-error: true\n    runs-on"),
        "FAIL",
    ),
    ("a scan whose failure is swallowed fails", GOOD, GOOD.replace("directory .", "directory . || true"), "FAIL"),
    (
        "a scan that never runs fails",
        GOOD.replace("  scan:", "  job:"),
        GOOD.replace("  scan:", "  job:").replace("- run", "- if: false\n        run"),
        "FAIL",
    ),
    (
        "a scan by another way passes",
        GOOD,
        GOOD.replace("run: checkov --directory .", f"uses: bridgecrewio/checkov-action@{SHA}"),
        "PASS",
    ),
    ("a scan that exits with 0 fails", GOOD, GOOD.replace("checkov --dir", "trivy config --exit-code 0 --dir"), "FAIL"),
    (
        "a scan whose action is told to let it pass fails",
        workflow(f"{{uses: aquasecurity/trivy-action@{SHA}, with: {{exit-code: '1'}}}}"),
        workflow(f"{{uses: aquasecurity/trivy-action@{SHA}, with: {{exit-code: '0'}}}}"),
        "FAIL",
    ),
    ("a scan that nothing starts any more fails", GOOD, GOOD.replace("pull_request", "workflow_dispatch"), "FAIL"),
    ("a scan that something else starts passes", GOOD, GOOD.replace("pull_request", "push"), "PASS"),
    ("a new workflow passes", None, GOOD, "PASS"),
]


@pytest.mark.parametrize(("fact", "before", "after", "said"), CHANGED, ids=[fact for fact, *_ in CHANGED])
def test_guards_of_the_pipeline(fact, before, after, said):
    assert word("GH-28", code_case({PATH: (before, after)})) == said, fact


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x = 1 #checkov:skip=CKV_AWS_24:temporary", "FAIL"),
        ("#tfsec:ignore:aws-s3", "FAIL"),
        ("terraform apply -auto-approve", "FAIL"),
        ("nothing of the kind", "PASS"),
    ],
)
def test_added_lines_that_tell_a_guard_to_look_away(line, said):
    made = case(pull=pull(files=known((changed("main.tf", f"@@ -1 +7,2 @@\n a\n+{line}"),))))
    assert word("GH-28", made) == said
    if said == "FAIL":
        assert "main.tf:8 adds" in only("GH-28", made).message


def test_a_text_about_guards_is_no_guard():
    assert word("GH-28", case(pull=pull(files=known((changed("README.md", "+checkov:skip=X"),))))) == "PASS"


def test_a_fault_that_was_there_is_pre_existing_and_one_that_goes_is_fixed():
    loose = workflow("uses: acme/tool@v1")
    assert only("GH-27", code_case({PATH: (loose, loose + "\n# more\n")})).origin is Origin.PRE_EXISTING
    fixed = findings("GH-27", code_case({PATH: (loose, workflow())}))
    assert [(finding.status, finding.origin) for finding in fixed] == [
        (Status.PASS, Origin.FIXED),
        (Status.PASS, Origin.UNKNOWN),
    ]


def test_severity_depends_on_the_fault():
    assert only("GH-27", code_case({PATH: (None, workflow(permissions="write-all"))})).severity is Severity.HIGH
    assert only("GH-27", code_case({PATH: (None, workflow("uses: acme/tool@v1"))})).severity is Severity.MEDIUM
    assert only("GH-26", code_case({PATH: (None, INJECTED)})).severity is Severity.HIGH


def test_a_finding_has_its_line():
    (subject,) = only("GH-27", code_case({PATH: (None, workflow("uses: acme/tool@v1"))})).resources
    assert (subject.iac.path, subject.iac.line) == (PATH, 7)


@pytest.mark.parametrize("check_id", ["GH-26", "GH-27", "GH-28"])
def test_what_cannot_be_read_is_not_evaluated(check_id):
    assert word(check_id, code_case({PATH: (GOOD, "a: &x 1\nb: *x\n")})) == "NOT_EVALUATED"
    assert word(check_id, case(pull=pull(files=DENIED))) == "NOT_EVALUATED"
    assert "NOT_EVALUATED" in word(check_id, case(pull=pull(files=known((changed(PATH),)))))
    assert word(check_id, case(pull=None)) == "NOT_APPLICABLE"


@pytest.mark.parametrize("check_id", ["GH-26", "GH-27"])
def test_without_workflow_there_is_nothing_to_judge(check_id):
    assert word(check_id, case()) == "NOT_APPLICABLE"


def of_repository(text, is_public):
    return case(pull=code_pull({PATH: (None, text)}, is_public=is_public))


SELF_HOSTED = ["self-hosted", "[self-hosted, linux]", "{group: big}", "{labels: [Self-Hosted, x64]}"]


@pytest.mark.parametrize("runner", SELF_HOSTED)
@pytest.mark.parametrize(("is_public", "said"), [(True, "FAIL"), (False, "PASS"), (None, "NOT_EVALUATED")])
def test_ones_own_machines_run_nothing_of_a_public_repository(runner, is_public, said):
    text = workflow().replace("runs-on: x", f"runs-on: {runner}")
    assert runner in text
    assert word("GH-27", of_repository(text, is_public)) == said


def test_hosted_runners_of_a_public_repository_are_fine():
    assert word("GH-27", of_repository(workflow(), True)) == "PASS"


def test_a_self_hosted_runner_is_found_on_its_line():
    text = workflow().replace("runs-on: x", "runs-on: self-hosted")
    found = only("GH-27", of_repository(text, True))
    assert found.severity is Severity.HIGH
    assert text.splitlines()[found.resources[0].iac.line - 1].strip() == "runs-on: self-hosted"
