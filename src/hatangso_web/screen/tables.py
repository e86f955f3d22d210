"""Lists on a page: sorted by the column a person asked for, cut into pages; all in the address, no JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

SORT_PARAMETER = "sap-xep"
PAGE_PARAMETER = "trang"


@dataclass(frozen=True)
class Listing:
    """One page of a sorted list, and how it is sorted."""

    page: Page[Any]
    sort: str
    descending: bool

    @property
    def total(self) -> int:
        """How many rows the whole list has."""
        return self.page.paginator.count

    @property
    def page_numbers(self) -> list[int | str]:
        """The page numbers to show, with ``…`` for those left out."""
        return [
            int(number) if str(number).isdecimal() else "…"
            for number in self.page.paginator.get_elided_page_range(
                self.page.number, on_each_side=1, on_ends=1
            )
        ]


def make_listing(
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    columns: Mapping[str, Sequence[str]],
    default: str,
    size: int = 50,
) -> Listing:
    """Sort and cut ``rows`` as the address asks.

    Parameters
    ----------
    columns : what may be sorted: the word in the address → columns of the database, all ascending
    default : the word to sort by when none is asked; ``-word`` for descending
    size : rows on a page

    Returns
    -------
    a listing; an unknown word or page number is answered with the default or the nearest page
    """
    asked = request.GET.get(SORT_PARAMETER, "")
    word = asked if asked.removeprefix("-") in columns else default
    descending = word.startswith("-")
    fields = list(columns[word.removeprefix("-")])
    order = [_turned(field) for field in fields] if descending else fields
    page = Paginator(rows.order_by(*order, "pk"), size).get_page(request.GET.get(PAGE_PARAMETER))
    return Listing(page=page, sort=word.removeprefix("-"), descending=descending)


def _turned(field: str) -> str:
    return field.removeprefix("-") if field.startswith("-") else f"-{field}"
