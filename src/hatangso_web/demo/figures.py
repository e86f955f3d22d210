"""Figures of the invented province: four approved quarters, a running one half sent, the village list of a commune."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import numpy as np

from hatangso.periods import deadline, parse_period
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.areas.models import Area, Level
from hatangso_web.demo.former import former_communes
from hatangso_web.demo.province import Commune, Province
from hatangso_web.indicators.actions.entry import save_cells, submit
from hatangso_web.indicators.actions.review import approve
from hatangso_web.indicators.actions.rounds import Call, next_call, open_round
from hatangso_web.indicators.actions.villages import VillageEntry, confirm_village, save_village
from hatangso_web.indicators.computing import compute_period
from hatangso_web.indicators.models import Round, Signal, Submission

VARIABLES = (
    "people", "households", "villages", "villages_with_mobile_broadband", "villages_with_4g",
    "villages_without_signal", "villages_with_partial_signal", "villages_with_fibre",
    "households_with_fibre_subscription", "schools", "schools_with_fibre", "culture_houses",
    "culture_houses_with_free_wifi", "unsafe_cable_spots",
)  # fmt: skip
FIRM_VARIABLES = ("stations", "stations_4g", "stations_5g", "fixed_broadband_subscribers")
PERIODS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2")  # approved and computed
LAST_PERIOD = PERIODS[-1]
TODAY = datetime.date(2026, 9, 16)


def load_figures(province: Province, root: Area) -> None:
    """Open rounds of five quarters, the last one half sent, those before approved and computed; once."""
    if Round.objects.filter(area=root).exists():
        return
    specialist = User.objects.get(username="chuyenvien")
    communes = {commune.code: commune for commune in province.communes}
    communes |= {former.commune.code: former.commune for former in former_communes(province)}
    round_: Round | None = None
    for number, period in enumerate(PERIODS):
        round_ = open_round(call=_call(root, period), by=specialist, copied_from=round_)
        _answer(communes, round_, quarter=number - len(PERIODS) + 1, approver=specialist)
        compute_period(root, period, by=specialist)
    assert round_ is not None
    firms = list(Organisation.objects.filter(kind="operator", area=root).order_by("code"))
    if firms:
        open_round(call=_firm_call(root, firms), by=specialist)
    running = open_round(call=next_call(round_, today=TODAY), by=specialist, copied_from=round_)
    _answer(communes, running, quarter=1, sent=province.size // 3)
    _fill_villages(province, specialist)


def figures_of(commune: Commune, *, quarter: int, seed: int = 2026) -> dict[str, float]:
    """Return figures of a commune that pass the checks and rise from quarter to quarter."""
    generator = np.random.default_rng([seed, 11, int(commune.code[2:])])
    villages = len(commune.villages)
    dark = min(villages, int(generator.binomial(villages, max(0.02, 0.12 - 0.04 * quarter))))
    partial = min(villages - dark, int(generator.binomial(villages, 0.1)))
    schools = int(generator.integers(2, 6))
    houses = max(1, villages - int(generator.integers(0, 2)))
    with_fibre = int(villages * min(1.0, generator.uniform(0.7, 0.95) + 0.03 * quarter))
    return {
        "people": commune.people,
        "households": commune.households,
        "villages": villages,
        "villages_with_mobile_broadband": villages - dark,
        "villages_with_4g": villages - dark,
        "villages_without_signal": dark,
        "villages_with_partial_signal": partial,
        "villages_with_fibre": with_fibre,
        "households_with_fibre_subscription": int(
            commune.households * (generator.uniform(0.45, 0.75) + 0.015 * quarter)
        ),
        "schools": schools,
        "schools_with_fibre": schools - int(generator.integers(0, 2)),
        "culture_houses": houses,
        "culture_houses_with_free_wifi": int(houses * generator.uniform(0.3, 0.9)),
        "unsafe_cable_spots": max(0, int(generator.integers(0, 4)) - quarter),
    }


def _call(root: Area, period: str) -> Call:
    words, standing = parse_period(period).name_vi, deadline(parse_period(period))
    due = standing.submit_by or standing.closing
    return Call(
        name=f"Số liệu hạ tầng số {words}", area=root, period=period, variables=VARIABLES,
        opens_on=standing.closing, due_on=due,
    )  # fmt: skip


def _firm_call(root: Area, firms: list[Organisation]) -> Call:
    call = _call(root, parse_period(LAST_PERIOD).next().code)
    return Call(
        name=call.name.replace("Số liệu hạ tầng số", "Trạm và thuê bao của doanh nghiệp"), area=root,
        period=call.period, variables=FIRM_VARIABLES, opens_on=call.opens_on, due_on=call.due_on,
        owing="organisations", organisations=tuple(firms),
    )  # fmt: skip


def _answer(
    communes: Mapping[str, Commune],
    round_: Round,
    *,
    quarter: int,
    sent: int | None = None,
    approver: User | None = None,
) -> None:
    """Fill and send the first ``sent`` communes (all without it) in the clerks' names."""
    sender = User.objects.get(username="chuyenvientinh")
    clerk_area = User.objects.get(username="canboxa").memberships_held[0].area
    units = list(
        round_.submissions.select_related("round__area", "area", "organisation").order_by("area__code")
    )
    waiting = [unit for unit in units if approver or unit.area != clerk_area]
    for unit in waiting[:sent]:
        _fill(unit, figures_of(communes[unit.area.code], quarter=quarter), sender)
        if approver:
            approve(submission=unit, revision=1, by=approver)


def _fill(unit: Submission, figures: dict[str, float], by: User) -> None:
    written = {(unit.area_id, code): (value, "Đã đối chiếu") for code, value in figures.items()}
    save_cells(submission=unit, written=written, by=by)
    submit(submission=unit, revision=0, by=by)


def _fill_villages(province: Province, by: User) -> None:
    area = User.objects.get(username="canboxa").memberships_held[0].area
    commune = next((each for each in province.communes if area and each.code == area.code), None)
    if commune is None:
        return
    period = parse_period(LAST_PERIOD).next().code
    rows = {row.code: row for row in Area.objects.filter(parent=area, level=Level.VILLAGE)}
    for number, village in enumerate(commune.villages):
        signal = Signal.NONE if number == 0 else Signal.PARTIAL if number == 1 else Signal.FULL
        entry = VillageEntry(
            households=village.households, people=village.people, has_power=village.has_electricity,
            specially_difficult=village.specially_difficult, has_fibre=number > 1,
            measured_place="Nhà văn hóa", measured_lon=village.lon, measured_lat=village.lat, measured_on=TODAY,
            coverage={("4G", None): signal},
        )  # fmt: skip
        saved = save_village(village=rows[village.code], period=period, entry=entry, by=by)
        if number < len(commune.villages) - 2:
            confirm_village(record_=saved, by=by)
