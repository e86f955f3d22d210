"""Areas beside one another: equal as shown is equal in rank, the incomplete is shown but never ranked."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from hatangso import catalogue
from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.indicators.models import Figure, Run
from hatangso_web.indicators.queries.comparing import PeriodRow, area_rows, rank_figures

MOB_02 = catalogue.indicator("MOB-02")


def figure(code: str, value: float | None, *, reported: int = 1, expected: int = 1, top: float = 1) -> Figure:
    """Return a figure that is not stored."""
    area = Area(code=code, name=f"Xã {code}", name_order=code)
    return Figure(indicator="MOB-02", area=area, period="2026Q2", value=value, numerator=top, denominator=2, reported=reported, expected=expected)  # fmt: skip


def test_equal_as_shown_is_equal_in_rank_and_the_next_place_is_left_out() -> None:
    ranks = rank_figures([figure("a", 80.04), figure("b", 79.96), figure("c", 60)], better="higher")
    assert {code: (rank.place, rank.shared) for code, rank in ranks.items()} == {
        "a": (1, 2),
        "b": (1, 2),
        "c": (3, 1),
    }


def test_lower_is_better_where_the_indicator_says_so() -> None:
    ranks = rank_figures([figure("a", 3), figure("b", 0)], better="lower")
    assert ranks["b"].place == 1


def test_unknown_and_incomplete_figures_get_no_place_and_stand_last() -> None:
    figures = [figure("a", None), figure("b", 99, reported=1, expected=3), figure("c", 50)]
    rows = area_rows([MOB_02], {"MOB-02": figures}, sort_by="MOB-02")
    assert [row.area.code for row in rows] == ["c", "a", "b"]
    assert [row.cells[0].rank.place for row in rows] == [1, None, None]
    assert [row.cells[0].is_partial for row in rows] == [False, False, True]


def test_places_are_among_the_chosen() -> None:
    figures = [figure("a", 90), figure("b", 80), figure("c", 70)]
    rows = area_rows([MOB_02], {"MOB-02": figures}, sort_by="MOB-02", chosen=["b", "c"])
    assert [(row.area.code, row.cells[0].rank.place) for row in rows] == [("b", 1), ("c", 2)]


def test_a_count_of_fewer_units_is_no_fall() -> None:
    whole, part = figure("a", 10), figure("a", 4, reported=1, expected=2)
    whole.denominator = part.denominator = None
    assert PeriodRow("", "", "thôn", (whole, part)).change is None
    assert PeriodRow("", "", "thôn", (whole, whole)).change == 0


@pytest.fixture
def two_communes(places: Any) -> Any:
    """Return the places with a computed period: 80 % and 60 % in the communes, one of them with a dangerous name."""
    Area.objects.filter(pk=places.other_commune.pk).update(name='=HYPERLINK("x")')
    run = Run.objects.create(area=places.province, period="2026Q2", engine_version="1", at=timezone.now())
    for area, top in ((places.province, 14), (places.commune, 8), (places.other_commune, 6)):
        below = 20 if area == places.province else 10
        Figure.objects.create(run=run, indicator="MOB-02", area=area, period="2026Q2", value=100 * top / below, numerator=top, denominator=below, reported=1, expected=1)  # fmt: skip
    return places


@pytest.mark.django_db
def test_comparison_of_areas_is_shown_ranked_in_few_queries(
    two_communes: Any, client_of: Callable[[User], Client], leader: User, django_assert_max_num_queries: Any
) -> None:
    client = client_of(leader)
    with django_assert_max_num_queries(14):
        page = client.get("/so-sanh/dia-ban/").content.decode().partition("<tbody>")[2]
    assert page.index("Xã Ea Mới") < page.index("=HYPERLINK(") and "hạng 1" in page and "hạng 2" in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/chi-tieu/", "/chi-tieu/MOB-02/", "/so-sanh/dia-ban/", "/so-sanh/ky/", "/so-sanh/ke-hoach/", "/doi-chieu/"])  # fmt: skip
def test_every_page_goes_out_as_tables_with_source_and_never_as_formulas(
    two_communes: Any, client_of: Callable[[User], Client], leader: User, neighbour: User, address: str
) -> None:
    client = client_of(leader)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}?tai=xlsx").content))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    text = client.get(f"{address}?tai=csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert not any(cell.startswith(("=", "@")) for row in rows for cell in row)
    assert any("Lập lúc" in row[0] for row in rows if row)
    assert (
        client_of(neighbour).get(f"{address}?tai=csv&dia-ban={two_communes.province.code}").status_code == 404
    )


@pytest.mark.django_db
def test_who_may_look_but_not_take_away_is_refused_the_table(
    two_communes: Any, client_of: Callable[[User], Client], viewer: User
) -> None:
    client = client_of(viewer)
    assert (
        client.get("/chi-tieu/").status_code == 200
        and "tai=xlsx" not in client.get("/chi-tieu/").content.decode()
    )
    assert client.get("/chi-tieu/?tai=xlsx").status_code == 403


@pytest.mark.django_db
def test_the_table_of_an_indicator_holds_definition_filters_and_figures(
    two_communes: Any, client_of: Callable[[User], Client], leader: User
) -> None:
    text = client_of(leader).get("/chi-tieu/MOB-02/?tai=csv").content.decode("utf-8-sig")
    for words in (
        "Tử số: Số thôn có sóng 4G",
        "Căn cứ: 36/QĐ-TTg",
        "Kỳ: quý II/2026",
        "Nguồn: số liệu đã duyệt",
        "Xã Ea Mới,80.0,%,8.0,10.0",
    ):
        assert words in text
    assert "'=HYPERLINK" in text
