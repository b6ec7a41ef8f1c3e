"""The policies that trails cite: on disk before they are cited, checked by their name, never replaced."""

import hashlib
import json
import os

import pytest

from harness_cli.audit import policies
from harness_cli.audit.policies import PolicyUnreadableError, decides_again, keep_policy, read_policy
from harness_cli.audit.verify import Question, verify
from harness_cli.core.errors import AuditError
from harness_cli.policy.operations import Catalogue
from harness_cli.runtime.catalogue import catalogue
from tests.unit.audit.trails import trails, vanish
from tests.unit.policy.support import policy


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def governed(made, *, kept=True):
    """A sealed trace that names its policy; the file of that policy."""
    one = policy()
    if kept:
        made.store.keep_policy(one.document)
    writer = made.open(policy={"sha256": one.sha256})
    writer.seal("success", {})
    return writer.trace_id, made.folder / "policies" / f"{one.sha256}.json"


def found(made, only=None):
    signer = made.store._signer
    report = verify(made.folder, Question([signer.vkey], only=only))
    return report.verdict.value, [(problem.place, problem.message) for problem in report.problems]


def test_a_policy_is_kept_once_under_its_digest_and_is_private(made):
    one = policy()
    assert made.store.keep_policy(one.document) == made.store.keep_policy(one.document) == one.sha256
    (path,) = (made.folder / "policies").iterdir()
    assert path.name == f"{one.sha256}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read_policy(made.folder, one.sha256) == json.loads(path.read_bytes())
    assert decides_again(made.folder, one.sha256, catalogue()).document == one.document


def test_it_is_flushed_before_it_has_its_name(made, monkeypatch):
    made.store.recover()  # makes the folder and the key
    steps = []
    flush, rename = os.fdatasync, os.replace
    monkeypatch.setattr(os, "fdatasync", lambda one: (steps.append("flush"), flush(one))[1])
    monkeypatch.setattr(os, "replace", lambda *two: (steps.append("name"), rename(*two))[1])
    keep_policy(made.folder, policy().document)
    assert steps == ["flush", "name"]


def test_an_altered_policy_is_tampering_with_its_place(made):
    trace, path = governed(made)
    assert found(made) == ("OK", [])
    path.write_bytes(path.read_bytes().replace(b'"internal"', b'"pii"', 1))
    verdict, problems = found(made)
    assert verdict == "TAMPER"
    assert f"policies/{path.name}" in [place for place, _ in problems]
    verdict, problems = found(made, only=trace)
    assert (verdict, len(problems)) == ("TAMPER", 1)
    assert problems[0][0].endswith(f"{trace}.jsonl:1")
    assert "altered" in problems[0][1]


def test_a_missing_policy_is_tampering_where_a_trace_names_it(made):
    _, path = governed(made)
    path.unlink()
    verdict, problems = found(made)
    assert verdict == "TAMPER"
    assert "missing" in problems[0][1]


def test_a_crash_leaves_no_trace_without_its_policy(made):
    made.store.keep_policy(policy().document)
    vanish(made.open(policy={"sha256": policy().sha256}))
    assert found(made)[0] == "INCOMPLETE"


@pytest.mark.parametrize("name", ["x.json", "0" * 64 + ".json", "0" * 64, "A" * 64 + ".json"])
def test_a_stranger_among_the_policies_is_tampering(made, name):
    governed(made)
    (made.folder / "policies" / name).write_bytes(b"{}")
    assert found(made) == ("TAMPER", [(f"policies/{name}", "it is not the policy that its name says")])


def test_a_half_written_policy_of_a_killed_run_is_no_tampering(made):
    governed(made)
    (made.folder / "policies" / ".half.1.abcd").write_bytes(b"{")
    assert found(made) == ("OK", [])


def test_links_are_not_followed(made, tmp_path):
    _, path = governed(made)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert found(made)[0] == "TAMPER"
    path.parent.rename(tmp_path / "away")
    path.parent.symlink_to(tmp_path / "away")
    assert ("policies", "a link stands where a folder belongs") in found(made)[1]
    with pytest.raises(AuditError):
        made.store.keep_policy(policy().document)


def test_no_run_starts_over_an_altered_policy_and_the_evidence_stays(made):
    _, path = governed(made)
    path.write_bytes(b"{}")
    with pytest.raises(AuditError) as caught:
        made.store.keep_policy(policy().document)
    assert (caught.value.code, path.read_bytes()) == ("T017", b"{}")


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "0" * 63, "0" * 64])
def test_what_is_not_kept_is_not_guessed(made, sha256):
    with pytest.raises(PolicyUnreadableError):
        read_policy(made.folder, sha256)


def test_a_kept_document_that_is_no_policy_does_not_decide(made):
    sha256 = keep_policy(made.folder, {"engine": "0"}) if made.store.recover() == () else ""
    with pytest.raises(PolicyUnreadableError, match="engine"):
        decides_again(made.folder, sha256, Catalogue())


def test_a_policy_that_another_run_named_is_flushed_before_it_is_cited(made, monkeypatch):
    keep_policy(made.folder, policy().document)
    flushed = []
    monkeypatch.setattr(policies, "sync_folder", flushed.append)
    keep_policy(made.folder, policy().document)
    assert flushed == [made.folder / "policies"]


def test_a_policy_that_may_not_be_read_cannot_be_judged(made, monkeypatch):
    trace_id, path = governed(made)

    def refused(place, *limit, read=policies.read_whole):
        if place == path:
            raise PermissionError(13, "Permission denied", str(place))
        return read(place, *limit)

    monkeypatch.setattr(policies, "read_whole", refused)
    verdict, problems = found(made, only=trace_id)
    assert (verdict, problems[0][1]) == ("UNVERIFIABLE", "you may not read the policy that it names")
    with pytest.raises(PolicyUnreadableError, match="you may not read policies/"):
        decides_again(made.folder, path.stem, catalogue())


@pytest.mark.parametrize("content", [b"no JSON", b"[]", b"[" * 100_000])
def test_a_file_that_has_its_own_digest_for_a_name_is_not_yet_a_policy(made, content):
    made.store.keep_policy(policy().document)
    name = hashlib.sha256(content).hexdigest()
    (made.folder / "policies" / f"{name}.json").write_bytes(content)
    with pytest.raises(PolicyUnreadableError, match="is no policy"):
        read_policy(made.folder, name)
