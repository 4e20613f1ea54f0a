"""`make rows`: every claimed requirement with the tests that prove it.

The claims are the first column of the tables in docs/features.md, the known ids
stand in tests/row_ids.txt. Fails on a claim without a test, and on an id nobody knows.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
CLAIM = re.compile(r"^\| ([A-Z]{2}-\d{2}) \| (works|part) \|", re.MULTILINE)


@dataclass(frozen=True)
class Rows:
    """What is claimed (id to works/part), what is known, and the tests by id."""

    claims: dict[str, str]
    known: set[str]
    tests: dict[str, list[str]]

    def faults(self) -> list[str]:
        """One line for each thing that is not right; empty when all is."""
        lost = sorted(set(self.claims) - set(self.tests))
        unknown = sorted((set(self.claims) | set(self.tests)) - self.known)
        return [f"{row}: claimed, but no test carries it" for row in lost] + [
            f"{row}: no such row in tests/row_ids.txt" for row in unknown
        ]


def read(root: Path = ROOT) -> Rows:
    """The claims, ids and marked tests of a checkout."""
    page = (root / "docs" / "features.md").read_text(encoding="utf-8")
    known = (root / "tests" / "row_ids.txt").read_text(encoding="utf-8").split()
    tests: dict[str, list[str]] = defaultdict(list)
    for path in sorted((root / "tests").rglob("test_*.py")):
        for name, rows in marked(path.read_text(encoding="utf-8")):
            for row in rows:
                tests[row].append(f"{path.relative_to(root)}::{name}")
    return Rows(dict(CLAIM.findall(page)), set(known), dict(tests))


def marked(source: str) -> Iterator[tuple[str, list[str]]]:
    """Each test of a module with the rows that it, its class or its module carries."""
    yield from _below(ast.parse(source), [], "")


def _below(scope: ast.AST, rows: list[str], prefix: str) -> Iterator[tuple[str, list[str]]]:
    rows = rows + [row for each in scope.body if _is_pytestmark(each) for row in _rows_in(each.value)]
    for each in scope.body:
        if not isinstance(each, (ast.FunctionDef, ast.ClassDef)):
            continue
        own = rows + [row for decorator in each.decorator_list for row in _rows_in(decorator)]
        if isinstance(each, ast.ClassDef):
            yield from _below(each, own, f"{prefix}{each.name}::")
        elif each.name.startswith("test_"):
            yield prefix + each.name, sorted(set(own))


def _is_pytestmark(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
    )


def _rows_in(node: ast.AST) -> list[str]:
    """The ids in every `pytest.mark.row(…)` of an expression."""
    return [
        argument.value
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.row"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    ]


def main() -> int:
    """Print every claim with its tests; 1 when something is not right."""
    rows = read()
    for row, state in sorted(rows.claims.items()):
        tests = rows.tests.get(row, [])
        print(f"{row}  {state}  {len(tests)} tests")
        for test in tests:
            print(f"    {test}")
    for row in sorted(set(rows.tests) - set(rows.claims)):
        print(f"{row}  not claimed yet, {len(rows.tests[row])} tests")
    faults = rows.faults()
    print("\n".join(faults) or f"{len(rows.claims)} rows claimed, each with its tests", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
