"""From the files of a pull request to the blocks that it changes.

The contract:
1. files that the pull request changes are judged; others that were fetched only give variables, locals and documents;
2. a changed file that cannot be read or parsed at either commit is an UnreadFile, and none of its blocks is judged;
3. blocks are the same before and after by folder and address; `moved` blocks count.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.facts import ChangedFile, PullRequest
from harness_cli.review.iac.bounds import Room
from harness_cli.review.iac.change import IacChange, UnreadFile
from harness_cli.review.iac.cloudformation import looks_like_template, template_blocks
from harness_cli.review.iac.model import Block, Unknown, Value
from harness_cli.review.iac.pairs import (
    MODULE_DEPTH,
    key_of,
    module_calls,
    of_folders,
    paired,
    really_made,
    unread_calls,
    with_callers,
)
from harness_cli.review.iac.policy_documents import with_documents
from harness_cli.review.iac.prescan import FILE_CHARACTERS, UnreadableCodeError
from harness_cli.review.iac.sightings import sightings
from harness_cli.review.iac.terraform import (
    HclFile,
    assignments_of,
    blocks_of,
    is_absent,
    json_assignments,
    json_blocks,
    parse_hcl,
    scope_of,
    settings_of,
    variables_of,
)
from harness_cli.review.iac.unpatch import text_before
from harness_cli.review.iac.yaml_tree import YAML_CHARACTERS

TOTAL_CHARACTERS: Final = 1024 * 1024
_TERRAFORM: Final = (".tf", ".tf.json", ".tfvars", ".tfvars.json")
_TEMPLATES: Final = (".yaml", ".yml", ".json", ".template", ".cfn")


def parse_change(pull: PullRequest) -> Fact[IacChange]:
    """The infrastructure code that a pull request changes; unread where its files are."""
    files = pull.files
    if isinstance(files, Unread):
        return files
    texts = _Texts(pull)
    changed = {path for file in files.value for path in _infrastructure(file, texts)}
    base, head = _Side(texts.side("base")), _Side(texts.side("head"))
    before, after = base.blocks(), head.blocks()
    if not base.problems and not head.problems:  # a call may stand in what could not be read
        before, after = really_made(before, after), really_made(after, before)
    settings = head.settings(changed, base)
    problems = {**texts.unread(changed, files.value), **base.problems, **head.problems}
    failed = {path for path in problems if path in changed}
    pairs = tuple(paired(before, after, changed, failed))
    folders = frozenset(posixpath.dirname(path) for path in changed)
    change = IacChange(
        pairs=pairs,
        unread=tuple(UnreadFile(path, problems[path]) for path in sorted(failed)),
        sightings=sightings(pairs, with_callers(folders, before, after), _places(before, after), settings),
        files=tuple(sorted(changed - failed)),
        before=of_folders(before.values(), folders),
        after=of_folders(after.values(), folders),
        unread_calls=unread_calls(pairs, texts.folders, before, after),
    )
    return Known(change, tuple(dict.fromkeys((*files.evidence, *texts.evidence))))


def is_infrastructure(path: str) -> bool:
    """Whether a path may hold infrastructure code, judged by its name alone."""
    return path.endswith((*_TERRAFORM, *_TEMPLATES)) and not path.startswith(".github/")


def _infrastructure(file: ChangedFile, texts: "_Texts") -> Iterator[str]:
    for path in dict.fromkeys(path for path in (file.path, file.previous_path) if path):
        if path.endswith(_TERRAFORM) or (is_infrastructure(path) and texts.is_template(path, file)):
            yield path


class _Texts:
    """The fetched contents, by side."""

    def __init__(self, pull: PullRequest) -> None:
        self._contents = pull.contents
        files = pull.files.value if isinstance(pull.files, Known) else ()
        self._files = {file.previous_path or file.path: file for file in files}
        self._absent = {
            "base": {file.path for file in files if file.status in {"added", "copied", "renamed"}},
            "head": {file.previous_path or file.path for file in files if file.status in {"removed", "renamed"}},
        }
        self.evidence: tuple[Evidence, ...] = ()

    @property
    def folders(self) -> frozenset[str]:
        """The folders of which Terraform code was read, and none was left unread."""
        code = [
            (posixpath.dirname(p), fact) for (p, _), fact in self._contents.items() if p.endswith((".tf", ".tf.json"))
        ]
        left = {folder for folder, fact in code if isinstance(fact, Unread)}
        return frozenset(folder for folder, fact in code if isinstance(fact, Known) and fact.value) - left

    def side(self, side: str) -> dict[str, str]:
        """Path → text at one commit; a file that does not change and was fetched at one commit is the same at both."""
        paths = {path for path, _ in self._contents} - self._absent[side]
        found: dict[str, str] = {}
        for path in sorted(paths):
            fact = self._contents.get((path, side))
            if fact is None:
                fact = self._contents[(path, "head" if side == "base" else "base")]
            if isinstance(fact, Known) and fact.value is not None:
                found[path] = self._made_from(path, side) or fact.value.for_parser()
                self.evidence += fact.evidence
        return found

    def _made_from(self, path: str, side: str) -> str | None:
        """What the change was made from, where the patch tells; the base branch may have moved on."""
        file = self._files.get(path) if side == "base" else None
        after = self._contents.get((file.path, "head")) if file else None
        if file is None or not isinstance(after, Known) or after.value is None:
            return None
        return text_before(file, after.value.for_parser())

    def is_template(self, path: str, file: ChangedFile) -> bool:
        """Whether a YAML or JSON file is CloudFormation, by what is known of it."""
        known = [self._contents.get((path, side)) for side in ("base", "head")]
        texts = [fact.value for fact in known if isinstance(fact, Known) and isinstance(fact.value, Untrusted)]
        if texts:
            return any(looks_like_template(text.for_parser()) for text in texts)
        return file.patch is not None and "AWS::" in file.patch.for_parser()

    def unread(self, changed: Iterable[str], files: Iterable[ChangedFile]) -> dict[str, Unread]:
        """Changed files of which a side is missing."""
        sides: dict[str, tuple[str, ...]] = {}
        for file in files:
            old = file.previous_path or file.path
            sides[file.path] = ("head",) if file.status in {"added", "renamed", "copied"} else ("base", "head")
            if file.status == "removed":
                sides[file.path] = ("base",)
            if old != file.path and file.status == "renamed":
                sides[old] = ("base",)
        found: dict[str, Unread] = {}
        for path in changed:
            for side in sides.get(path, ()):
                fact = self._contents.get((path, side), _NOT_FETCHED)
                if isinstance(fact, Unread):
                    found.setdefault(path, fact)
        return found


_NOT_FETCHED: Final = Unread(Reason.TRUNCATED, "the file's content was not fetched")


@dataclass(slots=True)
class _Side:
    """All code at one commit."""

    texts: dict[str, str]
    problems: dict[str, Unread] = field(default_factory=dict)
    _hcl: dict[str, HclFile] = field(default_factory=dict)
    _settings: dict[str, Mapping[str, Value]] = field(default_factory=dict)  # what each tfvars file sets
    _left: int = TOTAL_CHARACTERS

    def blocks(self) -> dict[tuple[str, str], Block]:
        """Every block by where it lives and its address."""
        self._read()
        found: list[Block] = []
        modules: dict[str, dict[str, Value]] = {}
        for _ in range(MODULE_DEPTH):
            room = Room()
            found = [block for folder in sorted(self._folders()) for block in self._folder(folder, modules, room)]
            calls = module_calls(found)
            if calls == modules:
                break
            modules = calls
        found += self._others(Room())
        return {key_of(block): block for block in found if not is_absent(block)}

    def settings(self, paths: Iterable[str], base: "_Side") -> dict[str, Value]:
        """What changed tfvars files set, and the defaults and locals that differ from `base`, by `path:name`."""
        found: dict[str, Value] = {}
        for path in sorted(paths):
            now, then = self.set_in(path), {} if _is_tfvars(path) else base.set_in(path)
            found |= {f"{path}:{name}": value for name, value in now.items() if then.get(name) != value}
        return found

    def set_in(self, path: str) -> Mapping[str, Value]:
        """What one file sets, as it stands there."""
        if path in self._settings:
            return self._settings[path]
        return settings_of(self._hcl[path]) if path in self._hcl else {}

    def _read(self) -> None:
        for path, text in self.texts.items():
            if not path.endswith((".tf", ".tfvars", ".tfvars.json")):
                continue
            if not self._is_within(path, text, FILE_CHARACTERS):
                continue
            try:
                if path.endswith(".json"):
                    self._settings[path] = json_assignments(text)
                    continue
                self._hcl[path] = parse_hcl(path, text)
                if path.endswith(".tfvars"):
                    self._settings[path] = assignments_of(self._hcl[path])
            except UnreadableCodeError as err:
                self.problems[path] = Unread(Reason.EXCEPTION, str(err))

    def _is_within(self, path: str, text: str, most: int) -> bool:
        """Whether one review reads so much; what it does not read is said."""
        self._left -= len(text) if len(text) <= most else 0  # one that its parser refuses takes nothing from others
        if self._left < 0:
            self.problems[path] = Unread(Reason.TRUNCATED, "there is more code than one review reads")
        return self._left >= 0

    def _folders(self) -> set[str]:
        return {posixpath.dirname(path) for path in self._hcl}

    def _folder(self, folder: str, modules: Mapping[str, Mapping[str, Value]], room: Room) -> tuple[Block, ...]:
        files = [file for path, file in sorted(self._hcl.items()) if posixpath.dirname(path) == folder]
        code = [file for file in files if file.path.endswith(".tf")]
        settings = {path: sets for path, sets in sorted(self._settings.items()) if posixpath.dirname(path) == folder}
        variables = {**variables_of(code), **modules.get(folder, {}), **_set(settings)}
        scope = scope_of(code, variables, room)
        found: list[Block] = []
        for file in code:
            try:
                found += blocks_of(file, scope)
            except UnreadableCodeError as err:
                self.problems[file.path] = Unread(Reason.EXCEPTION, str(err))
        return with_documents(found)

    def _others(self, room: Room) -> Iterator[Block]:
        for path, text in sorted(self.texts.items()):
            try:
                if path.endswith(".tf.json"):
                    yield from json_blocks(path, text)
                elif _is_template(path, text) and self._is_within(path, text, YAML_CHARACTERS):
                    yield from template_blocks(path, text, room)
            except UnreadableCodeError as err:
                self.problems[path] = Unread(Reason.EXCEPTION, str(err))
            except RecursionError:
                self.problems[path] = Unread(Reason.EXCEPTION, "the file is nested too deep")


def _is_template(path: str, text: str) -> bool:
    return is_infrastructure(path) and not path.endswith(_TERRAFORM) and looks_like_template(text)


def _is_tfvars(path: str) -> bool:
    return path.endswith((".tfvars", ".tfvars.json"))


def _places(before: Mapping[tuple[str, str], Block], after: Mapping[tuple[str, str], Block]) -> tuple[Block, ...]:
    """Providers and backends at either commit, whichever file they stand in."""
    blocks = (*before.values(), *after.values())
    return tuple(block for block in blocks if block.mode in {"provider", "terraform"})


def _set(settings: Mapping[str, Mapping[str, Value]]) -> dict[str, Value]:
    """What the folder's tfvars set: those that Terraform loads by itself win; others count where they agree."""
    loaded: dict[str, Value] = {}
    named: dict[str, Value] = {}
    for path, values in sorted(settings.items(), key=_precedence):
        name = posixpath.basename(path).removesuffix(".json")
        if name == "terraform.tfvars" or name.endswith(".auto.tfvars"):
            loaded |= values
            continue
        for key, value in values.items():
            named[key] = value if named.get(key, value) == value else Unknown(f"var.{key}")
    return {**named, **loaded}


def _precedence(setting: tuple[str, object]) -> tuple[bool, str]:
    """Terraform loads `terraform.tfvars`, its JSON form, then `*.auto.tfvars` by name; the last one wins."""
    return ".auto.tfvars" in setting[0], setting[0]
