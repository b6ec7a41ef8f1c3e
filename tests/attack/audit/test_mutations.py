"""Whatever is changed in the evidence is named: 20,000 generated changes, each with the class that it must have."""

import os
import random
import shutil
from collections import Counter
from functools import lru_cache

import pytest

from harness_cli.audit import verify as verification
from harness_cli.audit import verify_ledger
from harness_cli.audit.keys import is_signed_by, trusted_keys
from harness_cli.audit.leaves import parse_leaf
from harness_cli.audit.verdict import Verdict, worst
from harness_cli.audit.verify import Question, verify
from harness_cli.audit.verify_ledger import LedgerBytes, LedgerQuestion, check_ledger
from harness_cli.audit.verify_trail import check_trail
from harness_cli.core.errors import NotFoundError
from tests.attack.audit.second import second_verdict
from tests.unit.audit.trails import call, lines_of, trails, vanish
from tests.unit.policy.support import policy

SEED = 20261122
FOREIGN = (
    b"\n", b"{}\n", b"null\n", b"[" * 5000 + b"\n", b'{"a":1e999}\n', b"\x00" * 64, b"\xff\n", b"\xe2\x80\xa8", b" ",
)  # fmt: skip
EVIDENCE = ("ledger/entries.jsonl", "ledger/checkpoint", "ledger/checkpoints.log")
NEVER_OK = {Verdict.TAMPER, Verdict.INCOMPLETE}


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def bytewise(content):
    """Each byte changed, removed, doubled, swapped with the next; each truncation."""
    rng = random.Random(SEED)
    for at in range(len(content)):
        yield at, content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]
        yield at, content[:at] + content[at + 1 :]
        yield at, content[:at] + content[at : at + 1] + content[at:]
        yield at, content[:at]
        swapped = content[:at] + content[at + 1 : at + 2] + content[at : at + 1] + content[at + 2 :]
        if swapped != content:
            yield at, swapped


def linewise(content):
    """Each line removed, doubled, swapped with each other; each cut at a line's end; foreign lines and zeros."""
    lines = content.splitlines(keepends=True)
    for at in range(len(lines)):
        yield b"".join(lines[:at] + lines[at + 1 :])
        yield b"".join(lines[:at] + lines[at : at + 1] + lines[at:])
        yield b"".join(lines[:at])
        for other in range(at + 1, len(lines)):
            swapped = list(lines)
            swapped[at], swapped[other] = lines[other], lines[at]
            yield b"".join(swapped)
        for foreign in (
            b"\n",
            b"{}\n",
            b"null\n",
            b"[" * 5000 + b"\n",
            b'{"a":1e999}\n',
            b"\x00" * 64,
            b"\xff\n",
            b"\xe2\x80\xa8",
        ):
            yield b"".join(lines[:at]) + foreign + b"".join(lines[at:])


def judged(problems):
    return worst(problem.verdict for problem in problems)


@pytest.mark.slow
def test_every_change_to_a_sealed_trace_is_tampering(made):
    trace_id = made.sealed(calls=1)
    content = made.path(trace_id).read_bytes()
    leaves = [parse_leaf(line) for line in lines_of(made.ledger / "entries.jsonl")]
    assert judged(check_trail(content, trace_id, "x", leaves).problems) is Verdict.OK
    count = 0
    for changed in [*(one for _, one in bytewise(content)), *linewise(content)]:
        assert judged(check_trail(changed, trace_id, "x", leaves).problems) is Verdict.TAMPER
        count += 1
    assert count > 10_000


@pytest.mark.slow
def test_every_change_to_a_killed_trace_is_named_and_below_its_last_head_it_is_tampering(made):
    crashed = made.crashed(calls=1)
    with crashed.path.open("ab") as file:
        file.write(b'{"action":"re')
    content = crashed.path.read_bytes()
    leaves = [parse_leaf(line) for line in lines_of(made.ledger / "entries.jsonl")]
    reached = sum(len(line) for line in list(lines_of(crashed.path))[: leaves[-1].lines])
    found = Counter()
    for at, changed in bytewise(content):
        verdict = judged(check_trail(changed, crashed.trace_id, "x", leaves).problems)
        assert verdict is Verdict.TAMPER if at < reached else verdict in NEVER_OK, at
        found[verdict] += 1
    assert found[Verdict.TAMPER] > 5_000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["entries.jsonl", "checkpoints.log", "checkpoint"])
def test_every_change_to_the_ledger_is_tampering(made, name, monkeypatch):
    made.sealed(calls=1)
    made.sealed(calls=1)
    monkeypatch.setattr(verify_ledger, "is_signed_by", lru_cache(is_signed_by))  # the same notes again and again
    parts = {part: (made.ledger / part).read_bytes() for part in ("entries.jsonl", "checkpoints.log", "checkpoint")}
    question = LedgerQuestion(trusted_keys(os.environ))

    def verdict(changed):
        bytes_of = {**parts, name: changed}
        snapshot = LedgerBytes(bytes_of["entries.jsonl"], bytes_of["checkpoints.log"], bytes_of["checkpoint"])
        return judged(check_ledger(snapshot, question).problems)

    assert verdict(parts[name]) is Verdict.OK
    for changed in [*(one for _, one in bytewise(parts[name])), *linewise(parts[name])]:
        assert verdict(changed) is Verdict.TAMPER, changed


def test_a_cache_that_is_damaged_is_no_evidence(made):
    made.sealed()
    for name in ("frontier", "audit.vkey", "ballast", "lock"):
        (made.ledger / name).write_bytes(b"\xff")
        assert verify(made.folder, Question(trusted_keys(os.environ))).verdict is Verdict.OK


def folder_with_everything(made):
    made.sealed(calls=2)
    made.crashed()
    paused = made.open()
    call(paused)
    paused.pause(["r-1"])
    made.sealed(calls=1)
    running = made.open()
    call(running)
    vanish(running)
    return sorted(
        path for path in made.folder.rglob("*") if path.suffix in {".jsonl", ".log"} or path.name == "checkpoint"
    )


@pytest.mark.slow
def test_both_verifiers_agree_on_whole_folders(made, tmp_path):
    files = folder_with_everything(made)
    rng = random.Random(SEED)
    question = Question(trusted_keys(os.environ))
    vkey = str(question.keys[0])
    assert verify(made.folder, question).verdict.exit_code == second_verdict(made.folder, vkey) == 5
    found = Counter()
    for _ in range(300):
        path = rng.choice(files)
        content = path.read_bytes()
        path.write_bytes(changed_somehow(content, rng))
        first = verify(made.folder, question)
        assert first.verdict.exit_code == second_verdict(made.folder, vkey), (path.name, first.problems)
        assert first.verdict in NEVER_OK
        found[first.verdict] += 1
        path.write_bytes(content)
    assert found[Verdict.TAMPER] > 200


def changed_somehow(content, rng):
    lines = content.splitlines(keepends=True)
    at, line = rng.randrange(len(content)), rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            return content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]
        case 1:
            return content[:at]
        case 2:
            return b"".join(lines[:line] + lines[line + 1 :])
        case 3:
            return b"".join(lines[: line + 1] + lines[line:])
        case 4:
            return content + bytes(rng.randrange(1, 50))
        case _:
            shuffled = list(lines)
            rng.shuffle(shuffled)
            return b"".join(shuffled) if shuffled != lines else content[:-1]


@pytest.mark.slow
def test_files_that_are_removed_exchanged_or_planted_are_named(made, tmp_path):
    one, two = made.sealed(calls=1), made.sealed(calls=2)
    question = Question(trusted_keys(os.environ))
    vkey = str(question.keys[0])
    first, second = made.path(one), made.path(two)
    planted = first.with_name("01a20320-0000-7000-8000-000000000000.jsonl")

    def remove(folder):
        (folder / first.relative_to(made.folder)).unlink()

    def exchange(folder):
        a, b = (folder / path.relative_to(made.folder) for path in (first, second))
        a.rename(folder / "aside")
        b.rename(a)
        (folder / "aside").rename(b)

    def plant(folder):
        content = first.read_bytes().replace(one.encode(), planted.stem.encode())
        (folder / planted.relative_to(made.folder)).write_bytes(content)

    def move_to_another_day(folder):
        (folder / "2026/11/21").mkdir()
        (folder / first.relative_to(made.folder)).rename(folder / "2026/11/21" / first.name)

    def replace_by_a_link(folder):
        path = folder / first.relative_to(made.folder)
        path.rename(folder / "aside")
        path.symlink_to(folder / "aside")

    def replace_by_a_folder(folder):
        path = folder / first.relative_to(made.folder)
        path.unlink()
        path.mkdir()

    def empty(folder):
        (folder / first.relative_to(made.folder)).write_bytes(b"")

    def lose_the_log(folder):
        (folder / "ledger/checkpoints.log").unlink()

    def lose_the_ledger(folder):
        (folder / "ledger/entries.jsonl").unlink()

    def lose_the_checkpoint(folder):
        (folder / "ledger/checkpoint").unlink()

    attacks = (
        remove, exchange, plant, move_to_another_day, replace_by_a_link, replace_by_a_folder, empty, lose_the_log,
        lose_the_ledger, lose_the_checkpoint,
    )  # fmt: skip
    for attack in attacks:
        copy = tmp_path / "copy"
        shutil.copytree(made.folder, copy)
        attack(copy)
        assert verify(copy, question).verdict is Verdict.TAMPER, attack.__name__
        assert second_verdict(copy, vkey) == 9, attack.__name__
        shutil.rmtree(copy)


def alter_the_policy(kept):
    kept.write_bytes(kept.read_bytes().replace(b"{", b"{ ", 1))


def remove_the_policy(kept):
    kept.unlink()


def empty_the_policy(kept):
    kept.write_bytes(b"")


def rename_the_policy(kept):
    kept.rename(kept.with_name(f"{'0' * 64}.json"))


def link_the_policy(kept):
    kept.symlink_to(kept.rename(kept.parent.parent / "aside"))


def link_the_folder_of_policies(kept):
    kept.parent.symlink_to(kept.parent.rename(kept.parent.parent / "aside"))


def remove_the_folder_of_policies(kept):
    shutil.rmtree(kept.parent)


def plant_a_stranger_among_the_policies(kept):
    (kept.parent / "notes.txt").write_bytes(b"{}")


@pytest.mark.parametrize(
    "attack",
    [
        alter_the_policy, remove_the_policy, empty_the_policy, rename_the_policy, link_the_policy,
        link_the_folder_of_policies, remove_the_folder_of_policies, plant_a_stranger_among_the_policies,
    ],
)  # fmt: skip
def test_both_verifiers_name_what_is_done_to_the_kept_policies(made, attack):
    made.store.keep_policy(policy().document)
    for _ in range(2):
        made.open(policy={"sha256": policy().sha256}).seal("success", {})
    kept = made.folder / "policies" / f"{policy().sha256}.json"
    (kept.parent / ".half.1.abcd").write_bytes(b"{")  # a killed writer left it: no evidence
    question = Question(trusted_keys(os.environ))
    vkey = str(question.keys[0])
    assert verify(made.folder, question).verdict.exit_code == second_verdict(made.folder, vkey) == 0
    attack(kept)
    assert verify(made.folder, question).verdict is Verdict.TAMPER
    assert second_verdict(made.folder, vkey) == 9


def test_a_policy_that_many_traces_name_is_read_once_in_a_verification(made, monkeypatch):
    made.store.keep_policy(policy().document)
    for _ in range(3):
        made.open(policy={"sha256": policy().sha256}).seal("success", {})
    read = []
    monkeypatch.setattr(verification, "read_policy", lambda _, sha256: read.append(sha256))
    assert verify(made.folder, Question(trusted_keys(os.environ))).verdict is Verdict.OK
    assert read == [policy().sha256]


def test_both_verifiers_cannot_judge_a_ledger_without_any_checkpoint(made):
    made.sealed(calls=1)
    made.sealed(calls=1)
    question = Question(trusted_keys(os.environ))
    for name in ("checkpoint", "checkpoints.log"):
        (made.ledger / name).unlink()
    assert verify(made.folder, question).verdict is Verdict.UNVERIFIABLE
    assert second_verdict(made.folder, str(question.keys[0])) == 11


def test_both_verifiers_find_nothing_where_nothing_is_and_with_a_saved_checkpoint_it_was_removed(made, tmp_path):
    made.sealed(calls=1)
    saved = tmp_path / "saved"
    saved.write_bytes((made.ledger / "checkpoint").read_bytes())
    keys = trusted_keys(os.environ)
    shutil.rmtree(made.folder)
    with pytest.raises(NotFoundError):
        verify(made.folder, Question(keys))
    assert second_verdict(made.folder, str(keys[0])) == 12
    assert verify(made.folder, Question(keys, saved.read_bytes())).verdict is Verdict.TAMPER
    assert second_verdict(made.folder, str(keys[0]), saved) == 9


def link(path):
    path.symlink_to(path.rename(path.parent.parent / "aside"))


def never_end(path):
    os.truncate(path, 1 << 37)  # a hole: nothing on the disk, and more than any memory


def wait_for_a_writer(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("attack", "name"),
    [
        *((link, name) for name in ("ledger", "2026", "2026/11", "2026/11/22", "ledger/checkpoint", "TRACE")),
        *((never_end, name) for name in (*EVIDENCE, "TRACE")),
        *((wait_for_a_writer, name) for name in (*EVIDENCE, "TRACE")),
    ],
)
def test_both_verifiers_name_what_is_no_file_and_no_folder_of_ours(made, attack, name):
    trace = made.path(made.sealed(calls=1))
    question = Question(trusted_keys(os.environ))
    attack(trace if name == "TRACE" else made.folder / name)
    assert verify(made.folder, question).verdict is Verdict.TAMPER
    assert second_verdict(made.folder, str(question.keys[0])) == 9
