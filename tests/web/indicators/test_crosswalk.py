"""Enter once, fill all: what is the same is filled, what is only near is never copied, what is missing is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hatangso_web.accounts.models import User
from hatangso_web.indicators.models import Figure, Run
from hatangso_web.indicators.queries.crosswalk import filled_form, uses_of_variables

pytestmark = pytest.mark.django_db


@pytest.fixture
def entered(places: Any) -> Any:
    """Return the places where the province has fibre of villages (one quarter ago) and of households in use."""
    for period, code, value in (("2026Q1", "FIX-01", 70.0), ("2026Q2", "FIX-03", 60.0)):
        run = Run.objects.create(area=places.province, period=period, engine_version="1", at=timezone.now())
        Figure.objects.create(run=run, indicator=code, area=places.province, period=period, value=value, reported=2, expected=2)  # fmt: skip
    return places


def test_one_figure_fills_every_family_that_asks_the_same(entered: Any) -> None:
    for family in ("A", "C"):
        line = next(line for line in filled_form(family, entered.province, "2026Q2") if line.code == "FIX-01")
        assert (line.state, line.figure.value if line.figure else None) == ("elsewhere", 70.0)
        assert "kỳ trước" in line.note


def test_a_near_indicator_is_named_and_never_copied(entered: Any) -> None:
    lines = {line.code: line for line in filled_form("B", entered.province, "2026Q2")}
    assert (lines["FIX-02"].state, lines["FIX-02"].figure) == ("near", None)
    assert "FIX-03" in lines["FIX-02"].note and "không chép" in lines["FIX-02"].note
    own = next(line for line in filled_form("A", entered.province, "2026Q2") if line.code == "FIX-03")
    assert own.state == "filled"


def test_what_was_not_entered_and_what_has_no_indicator_is_said(entered: Any) -> None:
    lines = {line.code: line for line in filled_form("DII-885", entered.province, "2026Q2")}
    assert lines["BROADBAND-1"].state == "empty" and "Cần nhập" in lines["BROADBAND-1"].note
    assert lines["PLAN-1"].state == "unmatched"
    assert lines["BROADBAND-2"].state == "elsewhere"


def test_figures_after_the_period_are_not_used(entered: Any) -> None:
    line = next(line for line in filled_form("A", entered.province, "2026Q1") if line.code == "FIX-03")
    assert line.state == "empty"


def test_a_variable_names_all_it_fills() -> None:
    use = next(use for use in uses_of_variables() if use.variable.code == "villages_with_fibre")
    assert [indicator.code for indicator in use.indicators] == ["FIX-01"]
    assert {"họ A", "họ C"} <= set(use.forms) and any("DII-885" in form for form in use.forms)


def test_the_page_shows_the_form_and_an_unknown_form_is_not_found(
    entered: Any, client_of: Callable[[User], Client], leader: User
) -> None:
    page = client_of(leader).get("/doi-chieu/?mau=B&ky=2026Q2").content.decode()
    assert "Khác định nghĩa" in page and "Mỗi số nhập vào điền được những đâu" in page
    assert client_of(leader).get("/doi-chieu/?mau=Z").status_code == 404
