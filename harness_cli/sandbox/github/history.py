"""Git without git: objects hashed as git hashes them, trees, ancestors and unified diffs of an estate's commits."""

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from harness_cli.sandbox.model import Commit, Person, Repository


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One entry of a tree, as the trees endpoint lists it."""

    path: str
    mode: str
    kind: str  # blob or tree
    sha: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs between two commits; `patch` is as GitHub shows it."""

    path: str
    status: str  # added, removed or modified
    sha: str
    patch: str
    additions: int
    deletions: int


class History:
    """The objects of one repository; hashes follow from texts, people and dates alone."""

    def __init__(self, repository: Repository, people: Mapping[str, Person]) -> None:
        self._commits = repository.commits
        self._people = people
        self._files: dict[str, Mapping[str, str]] = {}

    def files(self, label: str) -> Mapping[str, str]:
        """The text of every file at a commit."""
        if label not in self._files:
            commit = self._commits[label]
            files = dict(self.files(commit.parent)) if commit.parent else {}
            for path, text in commit.files.items():
                if text is None:
                    files.pop(path, None)
                else:
                    files[path] = text
            self._files[label] = files
        return self._files[label]

    @cached_property
    def sha_by_label(self) -> Mapping[str, str]:
        """The hash of every commit."""
        shas: dict[str, str] = {}
        for label in self._commits:
            for step in reversed(self._chain(label)):
                shas.setdefault(step, commit_sha(self._commits[step], self._tree_sha(step), shas, self._people))
        return shas

    @cached_property
    def label_by_sha(self) -> Mapping[str, str]:
        """The label of every hash."""
        return {sha: label for label, sha in self.sha_by_label.items()}

    def tree_sha(self, label: str) -> str:
        """The hash of a commit's top tree."""
        return self._tree_sha(label)

    def entries(self, label: str) -> list[TreeEntry]:
        """The whole tree of a commit, folders included, in path order."""
        found: list[TreeEntry] = []
        _tree(self.files(label), "", found)
        return sorted(found, key=lambda entry: entry.path)

    def between(self, base: str, head: str) -> list[str]:
        """The commits that `head` has and `base` lacks, oldest first."""
        known = set(self._chain(base))
        return [label for label in reversed(self._chain(head)) if label not in known]

    def merge_base(self, base: str, head: str) -> str:
        """The nearest common ancestor; `base` itself where there is none."""
        ancestors = self._chain(head)
        return next((label for label in self._chain(base) if label in ancestors), base)

    def changes(self, base: str, head: str) -> list[FileChange]:
        """The files that differ, in path order."""
        old, new = self.files(base), self.files(head)
        return [
            file_change(path, old.get(path), new.get(path)) for path in sorted({*old, *new}) if _differ(old, new, path)
        ]

    def _chain(self, label: str) -> list[str]:
        chain = []
        while label:
            chain.append(label)
            label = self._commits[label].parent
        return chain

    def _tree_sha(self, label: str) -> str:
        return _tree(self.files(label), "", [])


def _differ(old: Mapping[str, str], new: Mapping[str, str], path: str) -> bool:
    return old.get(path) != new.get(path)


def object_sha(kind: str, content: bytes) -> str:
    """The hash that git gives an object."""
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


def blob_sha(text: str) -> str:
    """The hash that git gives a file's content."""
    return object_sha("blob", text.encode())


def commit_sha(commit: Commit, tree: str, parents: Mapping[str, str], people: Mapping[str, Person]) -> str:
    """The hash that git would give this commit, unsigned."""
    person = people[commit.author]
    stamp = f"{person.name} <{person.id}> {int(datetime.fromisoformat(commit.date).timestamp())} +0000"
    parent = f"parent {parents[commit.parent]}\n" if commit.parent else ""
    text = f"tree {tree}\n{parent}author {stamp}\ncommitter {stamp}\n\n{commit.message}\n"
    return object_sha("commit", text.encode())


def file_change(path: str, old: str | None, new: str | None) -> FileChange:
    """What happened to one file between two texts."""
    status = "added" if old is None else "removed" if new is None else "modified"
    lines = list(difflib.unified_diff(_lines(old), _lines(new), lineterm="", n=3))[2:]
    additions = sum(line.startswith("+") for line in lines)
    deletions = sum(line.startswith("-") for line in lines)
    sha = blob_sha(new if new is not None else old or "")
    return FileChange(path, status, sha, "\n".join(lines), additions, deletions)


def _lines(text: str | None) -> list[str]:
    return (text or "").splitlines()


def _tree(files: Mapping[str, str], folder: str, found: list[TreeEntry]) -> str:
    """Hash the tree below `folder` and append what is in it to `found`."""
    entries: dict[str, TreeEntry] = {}
    for path, text in files.items():
        if not path.startswith(folder):
            continue
        name, below, _ = path[len(folder) :].partition("/")
        if name in entries:
            continue
        if below:
            sha = _tree(files, f"{folder}{name}/", found)
            entries[name] = TreeEntry(folder + name, "040000", "tree", sha)
        else:
            entries[name] = TreeEntry(path, "100644", "blob", blob_sha(text), len(text.encode()))
    found.extend(entries.values())
    ordered = sorted(entries.items(), key=lambda item: item[0] + ("/" if item[1].kind == "tree" else ""))
    parts = [f"{e.mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(e.sha) for name, e in ordered]
    return object_sha("tree", b"".join(parts))
