"""Every requirement of follow-up that people trust bears a test with its number, or a reason why none can."""

import ast
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
LAST = {"A": 8, "B": 6, "C": 8, "D": 6, "E": 7, "F": 8, "G": 2, "H": 6, "I": 4, "J": 7, "K": 4, "L": 5, "M": 3, "O": 3}
NUMBERS = {**LAST, "S": 18}
REQUIRED = {f"{letter}{number}" for letter, last in NUMBERS.items() for number in range(1, last + 1)}
WITHOUT = {
    "D2": "routes are not cloned: each begins with its own dates",
    "J6": "replies are read when answers are",
    "K3": "there is no SMS yet",
    "S17": "answers are not read yet; edits and marks count as signs of life (L3)",
}


def marked() -> Iterator[str]:
    """The numbers that tests bear: `@pytest.mark.requirement("A1", "S6")`, or the same as `pytestmark`."""
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement":
                yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))


def test_every_requirement_bears_a_test_with_its_number_or_a_reason():
    found = set(marked())

    assert sorted(REQUIRED - found - WITHOUT.keys()) == []
    assert sorted(WITHOUT.keys() & found) == []


def test_no_test_bears_a_number_that_there_is_not():
    assert sorted(each for each in marked() if each not in REQUIRED and not each.startswith("invariant-")) == []
