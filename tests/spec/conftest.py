"""Worked examples: the table in a test's docstring is both what the test checks and what the manual prints."""

from __future__ import annotations

import pytest


@pytest.fixture
def table(request: pytest.FixtureRequest) -> list[dict[str, str]]:
    """Return the rows of the pipe table in the test's docstring, by the words of its head."""
    lines = [line.strip() for line in (request.function.__doc__ or "").splitlines()]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert len(rows) > 2, "bảng mẫu phải có tiêu đề, dòng kẻ và ít nhất một dòng"
    head, _, *body = rows
    assert all(len(row) == len(head) for row in body), "mỗi dòng của bảng mẫu phải đủ ô"
    return [dict(zip(head, row, strict=True)) for row in body]
