"""The lengths of design and CONTRIBUTING: a function has at most 60 lines, its options among them; a file 600."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
LONGEST_FUNCTION = 60
LONGEST_FILE = 600


def functions_of(text: str) -> Iterator[tuple[str, int]]:
    """Yield name and lines of every function: signature and body, without decorators and docstring."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            said = len((ast.get_docstring(node, clean=False) or "").splitlines())
            yield node.name, node.end_lineno - node.lineno + 1 - said


def written_files() -> list[Path]:
    """Return every module that people write: migrations are written by Django."""
    return [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("def short():\n    pass\n", 2),
        ("@mark\ndef marked(\n    one,\n    two,\n):\n    pass\n", 5),
        ('def told():\n    """One.\n\n    Two.\n    """\n    return 1\n', 2),
    ],
    ids=["body", "arguments count, decorators do not", "the docstring does not"],
)
def test_lines_of_a_function_are_its_signature_and_body(text: str, lines: int) -> None:
    assert [length for _, length in functions_of(text)] == [lines]


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = [
        f"{path.relative_to(SOURCE)} {name}: {lines}"
        for path in written_files()
        for name, lines in functions_of(path.read_text(encoding="utf-8"))
        if lines > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_file_is_longer_than_six_hundred_lines() -> None:
    lengths = {
        str(path.relative_to(SOURCE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in written_files()
    }
    assert len(lengths) > 300
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}
