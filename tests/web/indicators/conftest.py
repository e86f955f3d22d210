"""Fixtures of figures: a round of two communes, a firm's round, filled cells."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from hatangso_web.accounts.models import Membership, Organisation, OrganisationKind, User
from hatangso_web.accounts.roles import Role
from hatangso_web.indicators.actions.entry import save_cells, submit
from hatangso_web.indicators.actions.rounds import Call, open_round
from hatangso_web.indicators.models import Round, Submission

VARIABLES = (
    "villages",
    "villages_with_4g",
    "villages_without_signal",
    "villages_with_partial_signal",
    "people",
)


@pytest.fixture
def opened(places: Any, specialist: User) -> Round:
    """Return a round that both communes owe for the third quarter of 2026."""
    call = Call(
        name="Số liệu hạ tầng số quý III/2026",
        area=places.province,
        period="2026Q3",
        variables=VARIABLES,
        opens_on=datetime.date(2026, 9, 15),
        due_on=datetime.date(2026, 9, 25),
    )
    return open_round(call=call, by=specialist)


@pytest.fixture
def submission(opened: Round, places: Any) -> Submission:
    """Return what the clerk's commune owes."""
    return opened.submissions.select_related("round__area", "area", "organisation").get(area=places.commune)


@pytest.fixture
def firm(places: Any) -> Organisation:
    """Return a firm that works in the province."""
    return Organisation.objects.create(
        code="NM1", name="Viễn thông Sao Mai", kind=OrganisationKind.OPERATOR, area=places.province
    )


@pytest.fixture
def firm_clerk(firm: Organisation, places: Any) -> User:
    """Return a clerk of the firm."""
    user = User.objects.create_user("firm_clerk", "mat-khau-rat-dai", full_name="Người nhà mạng")
    Membership.objects.create(user=user, organisation=firm, role=Role.OPERATOR_CLERK, area=places.province)
    return user


@pytest.fixture
def firm_round(places: Any, specialist: User, firm: Organisation) -> Submission:
    """Return what the firm owes: its stations in every commune."""
    call = Call(
        name="Trạm của doanh nghiệp quý III/2026",
        area=places.province,
        period="2026Q3",
        variables=("stations", "stations_4g", "villages_with_4g"),
        opens_on=datetime.date(2026, 9, 15),
        due_on=datetime.date(2026, 9, 25),
        owing="organisations",
        organisations=(firm,),
    )
    round_ = open_round(call=call, by=specialist)
    return round_.submissions.select_related("round__area", "area", "organisation").get()


@pytest.fixture
def second_specialist(person: Callable[..., User], places: Any) -> User:
    """Return another specialist of the province."""
    return person("second_specialist", Role.PROVINCIAL_SPECIALIST, places.province)


@pytest.fixture
def fill() -> Callable[..., Submission]:
    """Return a function that fills cells of a submission with figures by variable and sends it."""

    def write(submission: Submission, by: User, *, send: bool = True, **figures: object) -> Submission:
        written = {(submission.area_id, code): (value, "") for code, value in figures.items()}
        save_cells(submission=submission, written=written, by=by)
        if send:
            submit(submission=submission, revision=submission.revision, by=by)
        return submission

    return write
