"""Mutation testing without a service: change one thing in a module, run its tests, expect a failure.

    python tools/mutants.py harness_cli/policy --tests tests/unit/policy tests/attack/policy [--only engine] [--jobs 2]

Each mutant runs in a forked child: the changed module is compiled from memory, no file is touched. The broadest tests
and those of the module's own name run first, then all others. Text for people (docstrings, messages, f-strings) is left
alone. Exit 1 below --floor.
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import ModuleType

SECONDS_EACH = 120
OWN_FIRST = 3  # these files are asked first: collecting all of them takes longer than most kills
REWRITE = "ignore::pytest.PytestAssertRewriteWarning"  # hypothesis is imported before the forks
COMPARISONS = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
NAMES = {"any": "all", "all": "any", "min": "max", "max": "min", "startswith": "endswith", "endswith": "startswith"}


class Sites(ast.NodeVisitor):
    """Collects (path to a node, description, change) for everything that may be changed."""

    def __init__(self) -> None:
        self.found: list[tuple[list[tuple[str, int | None]], str]] = []
        self.path: list[tuple[str, int | None]] = []

    def generic_visit(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if _is_for_people(node, name):
                continue
            if isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        self._enter(name, index, item)
            elif isinstance(value, ast.AST):
                self._enter(name, None, value)

    def _enter(self, name: str, index: int | None, node: ast.AST) -> None:
        self.path.append((name, index))
        self.found += [(list(self.path), kind) for kind in kinds(node)]
        self.visit(node)
        self.path.pop()


def _is_for_people(node: ast.AST, field: str) -> bool:
    if isinstance(node, ast.JoinedStr) or field in {"annotation", "returns", "decorator_list", "type_comment"}:
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.ImportFrom | ast.Import) or (
        isinstance(node, ast.Assign) and "__all__" in ast.dump(node.targets[0])
    ):
        return True
    # the message of an error or a failure
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and field == "args"
    return is_call and (node.func.id.endswith("Error") or node.func.id in {"Failure", "Explanation", "_pinned"})  # type: ignore[attr-defined]


def kinds(node: ast.AST) -> list[str]:  # noqa: C901 - one table, one line a kind
    """The changes that one node allows."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            return ["compare"]
        case ast.BoolOp():
            return ["boolop", *(f"drop-{n}" for n in range(len(node.values)))]
        case ast.UnaryOp(op=ast.Not()):
            return ["not"]
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            return ["operator"]
        case ast.Constant(value=bool()):
            return ["flip"]
        case ast.Constant(value=int()):
            return ["increment"]
        case ast.Constant(value=str(text)) if text and " " not in text:
            return ["text"]
        case ast.If() | ast.IfExp() | ast.While():
            return ["negate"]
        case ast.Return(value=value) if value is not None and not (
            isinstance(value, ast.Constant) and value.value is None
        ):
            return ["return-none"]
        case ast.Raise() | ast.AugAssign() | ast.Continue() | ast.Break():
            return ["delete"]
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            return ["delete"]
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in NAMES:
            return ["rename"]
        case _:
            return []


def changed(node: ast.AST, kind: str) -> ast.AST:  # noqa: C901 - as above
    """The node after one change."""
    match kind.split("-")[0], node:
        case "compare", ast.Compare():
            node.ops = [COMPARISONS[type(node.ops[0])]()]
        case "boolop", ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case "drop", ast.BoolOp():
            node.values.pop(int(kind.split("-")[1]))
            return node.values[0] if len(node.values) == 1 else node
        case "not", ast.UnaryOp():
            return node.operand
        case "operator", ast.BinOp():
            node.op = OPERATORS[type(node.op)]()
        case "flip", ast.Constant():
            node.value = not node.value
        case "increment", ast.Constant():
            node.value += 1
        case "text", ast.Constant():
            node.value = f"{node.value}X"
        case "negate", ast.If() | ast.IfExp() | ast.While():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case "return", ast.Return():
            node.value = ast.Constant(None)
        case "delete", _:
            return ast.Pass()
        case "rename", ast.Name():
            node.id = NAMES[node.id]
        case "rename", ast.Attribute():
            node.attr = NAMES[node.attr]
    return node


def mutants(source: str) -> Iterator[tuple[str, ast.Module]]:
    """(where and what, changed module) for every site of a source text."""
    tree = ast.parse(source)
    sites = Sites()
    sites.visit(tree)
    for path, kind in sites.found:
        mutant = copy.deepcopy(tree)
        parent: ast.AST = mutant
        for name, index in path[:-1]:
            parent = getattr(parent, name) if index is None else getattr(parent, name)[index]
        name, index = path[-1]
        node = getattr(parent, name) if index is None else getattr(parent, name)[index]
        line = f"{node.lineno}:{node.col_offset} {kind} `{ast.unparse(node)[:70]}`".replace("\n", " ")
        result = ast.copy_location(changed(node, kind), node)
        if index is None:
            setattr(parent, name, result)
        else:
            getattr(parent, name)[index] = result
        yield line, ast.fix_missing_locations(mutant)


class OneModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves one module from a changed tree."""

    def __init__(self, name: str, file: Path, tree: ast.Module) -> None:
        self.name, self.file, self.tree = name, file, tree

    def find_spec(self, fullname: str, path: object, target: object = None) -> object:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self.file))

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.file)
        exec(compile(self.tree, str(self.file), "exec"), module.__dict__)  # noqa: S102 - running a mutant is the purpose


def child(finder: OneModule, tests: Sequence[str]) -> int:
    """Runs the tests on one mutant; 0 means that it survived."""
    import pytest

    sys.meta_path.insert(0, finder)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1) if not os.environ.get("DBG") else None
    os.dup2(quiet, 2) if not os.environ.get("DBG") else None
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS_EACH)  # an endless loop is a kill too
    own, rest = tests[:OWN_FIRST], tests[OWN_FIRST:]
    return int(any(pytest.main(["-x", "-q", "-p", "no:randomly", "-W", REWRITE, *part]) for part in (own, rest)))


def run(file: Path, root: Path, tests: Sequence[str], jobs: int, every: int = 1) -> tuple[int, list[str]]:
    """(number of mutants, survivors) of one module."""
    name = ".".join(file.relative_to(root).with_suffix("").parts)
    running: dict[int, str] = {}
    survivors: list[str] = []
    total = 0

    def reap() -> None:
        pid, status = os.wait()
        place = running.pop(pid)
        if status == 0:
            survivors.append(place)
        if status == 0 and place != "unchanged":
            print(f"  survived {file.name}:{place}", flush=True)

    source = file.read_text("utf-8")
    for place, tree in [("unchanged", ast.parse(source)), *islice(mutants(source), 0, None, every)]:
        total += 1
        while len(running) >= jobs:
            reap()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = child(OneModule(name, file, tree), tests)
            finally:
                os._exit(min(code, 125))
        running[pid] = place
    while running:
        reap()
    if "unchanged" not in survivors:
        raise SystemExit(f"{file.name}: the tests fail without any change")
    survivors.remove("unchanged")
    return total - 1, survivors


def tests_for(file: Path, folders: Sequence[Path]) -> list[str]:
    """Every test file, the module's own and the broadest first; the slow oracle has its own run."""
    every = [test for folder in folders for test in sorted(folder.rglob("test_*.py")) if test.stem != "test_cedar"]
    names = [f"test_{file.stem}", "test_engine", "test_compile"]
    return [str(test) for test in sorted(every, key=lambda test: (test.stem not in names, str(test)))]


def main() -> int:
    """Prints survivors and the share that was killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    parser.add_argument("--tests", type=Path, nargs="+", required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--skip", nargs="*", default=["explain", "regions", "__init__"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="only each n-th mutant, for a quick estimate")
    parser.add_argument("--floor", type=float, default=95.0)
    options = parser.parse_args()
    root = Path.cwd()
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    import hypothesis  # noqa: F401 - imported once, before the forks
    import pytest  # noqa: F401 - as above

    total = survived = 0
    start = time.monotonic()
    for file in sorted(options.package.resolve().glob("*.py")):
        if file.stem in options.skip or (options.only and file.stem not in options.only):
            continue
        count, survivors = run(file, root, tests_for(file, options.tests), options.jobs, options.every)
        total, survived = total + count, survived + len(survivors)
        print(f"{file.name}: {count} mutants, {len(survivors)} survived ({time.monotonic() - start:.0f} s)", flush=True)
    killed = 100 * (total - survived) / total if total else 100.0
    print(f"{total} mutants, {survived} survived: {killed:.1f} % killed")
    return 0 if killed >= options.floor else 1


if __name__ == "__main__":
    sys.exit(main())
