"""Git objects: hashes as git makes them, patches that lead from one text to the other."""

import shutil
import subprocess
from pathlib import Path

import pytest

from harness_cli.sandbox import Estate, load_estate
from harness_cli.sandbox.github.history import History, blob_sha, file_change


@pytest.fixture(scope="module")
def estate() -> Estate:
    return load_estate()


@pytest.fixture(scope="module")
def history(estate: Estate) -> History:
    return History(estate.github.repositories["acme/infra-core"], estate.people)


def test_blobs_are_hashed_as_git_hashes_them() -> None:
    assert blob_sha("what is up, doc?") == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"
    assert blob_sha("") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_trees_and_commits_are_hashed_as_git_hashes_them(history: History, estate: Estate, tmp_path: Path) -> None:
    for path, text in history.files("base").items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    commit = estate.github.repositories["acme/infra-core"].commits["base"]
    person = estate.people[commit.author]
    names = {"NAME": person.name, "EMAIL": person.id, "DATE": commit.date.replace("Z", "+0000")}
    env = {f"GIT_{who}_{key}": value for who in ("AUTHOR", "COMMITTER") for key, value in names.items()}
    env |= {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=tmp_path, env=env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", commit.message)
    assert git("rev-parse", "HEAD^{tree}") == history.tree_sha("base")
    assert git("rev-parse", "HEAD") == history.sha_by_label["base"]


def test_a_patch_counts_what_it_shows(history: History) -> None:
    for change in history.changes("base", "db-2"):
        lines = change.patch.split("\n")
        assert change.patch.startswith("@@ ")
        assert change.additions == sum(line.startswith("+") for line in lines)
        assert change.deletions == sum(line.startswith("-") for line in lines)


def test_files_are_added_removed_and_modified() -> None:
    assert file_change("a", None, "x\n").status == "added"
    assert file_change("a", "x\n", None).status == "removed"
    assert file_change("a", "x\n", "y\n").patch == "@@ -1 +1 @@\n-x\n+y"


def test_commits_lie_between_base_and_head(history: History) -> None:
    assert history.between("base", "db-2") == ["db-1", "db-2"]
    assert history.merge_base("metrics-1", "db-2") == "base"


def test_trees_list_folders_too(history: History) -> None:
    entries = {entry.path: entry.kind for entry in history.entries("base")}
    assert (entries["envs"], entries["envs/prod/db"], entries["README.md"]) == ("tree", "tree", "blob")
