"""The printed methods: what is committed is what would be printed now; examples become tables."""

from __future__ import annotations

import ast
import importlib.util
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
COMMITTED = REPOSITORY / "docs" / "methods"


@pytest.fixture(scope="module")
def printer() -> ModuleType:
    """Return tools/print_methods as a module."""
    loader = SourceFileLoader("print_methods", str(REPOSITORY / "tools" / "print_methods"))
    spec = importlib.util.spec_from_loader("print_methods", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_the_committed_pages_are_those_printed_now(printer):
    pages = printer.all_pages()
    committed = {path.name: path.read_text(encoding="utf-8") for path in COMMITTED.glob("*.md")}
    stale = [name for name, text in pages.items() if committed.get(name) != text]
    left = [name for name, text in committed.items() if text.startswith(printer.HEAD) and name not in pages]
    assert (stale, left) == ([], []), "chạy 'make docs' rồi commit docs/methods"


def test_printing_twice_gives_the_same_bytes(printer, tmp_path, capsys):
    printer.main([str(tmp_path)])
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert "đã in lại" in capsys.readouterr().out
    printer.main([str(tmp_path)])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert capsys.readouterr().out == ""


def test_a_printed_page_that_is_no_longer_made_goes_and_a_written_one_stays(printer, tmp_path):
    (tmp_path / "spec_gone.md").write_text(printer.HEAD + "\n\n# Cũ\n", encoding="utf-8")
    (tmp_path / "radio.md").write_text("# Viết tay\n", encoding="utf-8")
    printer.main([str(tmp_path)])
    assert not (tmp_path / "spec_gone.md").exists()
    assert (tmp_path / "radio.md").exists()


def test_what_is_not_verified_is_printed_as_such(printer):
    pages = printer.all_pages()
    assert "**chưa kiểm chứng:** Phụ lục của quyết định chưa đọc được" in pages["indicators.md"]
    assert "**dự thảo**" in pages["standards.md"]
    assert "Tiêu chí dựng lại" in pages["indexes.md"]
    assert pages["indicators.md"].count("\n### ") == 85


def test_a_parametrised_test_becomes_a_table_with_its_comments(printer):
    text = '''"""Cộng (Adding)"""

@pytest.mark.parametrize(
    ("a", "b", "sum_"),
    [
        (1, 2, 3),  # small
        (-1, 1, 0),
    ],
)
def test_adding_two_numbers(a, b, sum_):
    """Cộng hai số."""
'''
    decorator = ast.parse(text).body[1].decorator_list[0]
    assert list(printer.cases(decorator, text.splitlines())) == [
        "| a | b | sum_ | ghi chú |",
        "|---|---|---|---|",
        "| 1 | 2 | 3 | small |",
        "| `-1` | 1 | 0 |  |",
        "",
    ]
