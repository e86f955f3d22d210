"""A change of areas before it is in force: its rows, what it does to figures, offices, people and plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hatangso.areas.carrying import Carried, Carrier
from hatangso.areas.entering import EnteredChange, NewChange, NewUnit, enter_change
from hatangso.areas.register import Area as Unit
from hatangso.areas.register import Change as UnitChange
from hatangso.areas.register import Register
from hatangso_web.accounts.models import Membership, Organisation
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import in_force
from hatangso_web.areas.registers import current_register
from hatangso_web.gazetteer.models import Revision
from hatangso_web.gazetteer.queries import part_words
from hatangso_web.plans.models import Plan

SAMPLE = 100.0  # what each unit holds in the trial that shows how figures are carried


@dataclass(frozen=True)
class Planned:
    """The rows of a change with those below that move along, and what somebody still has to settle."""

    entered: EnteredChange
    moved: tuple[Unit, ...]
    moves: tuple[UnitChange, ...]
    unsettled: tuple[str, ...]

    @property
    def units(self) -> tuple[Unit, ...]:
        """All rows of units: closed, opened and moved."""
        return (*self.entered.areas, *self.moved)

    @property
    def changes(self) -> tuple[UnitChange, ...]:
        """All rows of changes."""
        return (*self.entered.changes, *self.moves)


@dataclass(frozen=True)
class TrialRow:
    """Where a unit after the change gets its figures: ``known`` of ``SAMPLE`` for each unit before."""

    name: str
    code: str
    sources: tuple[str, ...]
    known: float
    complete: bool


@dataclass(frozen=True)
class Effect:
    """Everything a change does, as shown before it is confirmed."""

    sentences: tuple[str, ...]
    unsettled: tuple[str, ...]
    trial: tuple[TrialRow, ...]
    not_carried: tuple[str, ...]
    ended: tuple[Area, ...]
    organisations: QuerySet[Organisation]
    roles: QuerySet[Membership]
    plans: QuerySet[Plan]


def new_change(revision: Revision) -> NewChange:
    """Return what the engine is asked: a unit after the change keeps kind, name and parent it had unless told."""
    register = current_register()
    eve = revision.on - timedelta(days=1)
    flows: dict[tuple[str, str], float | None] = {}
    units: dict[str, NewUnit] = {}
    for row in revision.flows:
        before, after = row["before"], row["after"] or row["before"]
        alone = sum(other["before"] == before for other in revision.flows) == 1
        flows[before, after] = 1.0 if row["share"] is None and alone else row["share"]
        units[after] = _unit(register, row, eve=eve, known=units.get(after))
    return NewChange(revision.kind, revision.on, revision.legal_act, flows, tuple(units.values()))


def _unit(register: Register, row: dict, *, eve: date, known: NewUnit | None) -> NewUnit:
    after = row["after"] or row["before"]
    model = next(
        (
            unit
            for code in (after, row["before"])
            if code in register
            for unit in register.versions(code)
            if unit.is_in_force(eve)
        ),
        None,
    )
    own = known or NewUnit(
        after,
        model.kind if model else "",
        model.name if model and model.code == after else "",
        model.parent_code if model else "",
    )
    return NewUnit(after, row["kind"] or own.kind, row["name"] or own.name, row["parent"] or own.parent_code)


def plan_change(change: NewChange) -> Planned:
    """Check a change against the areas in the database and return its rows; those below move along.

    A unit below one that goes whole into another stands under that other from the day on. Below a unit that
    was cut it stays where it is, if its unit goes on, and is named as unsettled: the act must say where it goes.

    Raises
    ------
    ManyInputErrors, InputError
        with every fault of the change.
    """
    register = current_register()
    entered = enter_change(register, change=change)
    goes: dict[str, list[str]] = {}
    for before, after in change.flows:
        goes.setdefault(before, []).append(after)
    moved: list[Unit] = []
    moves: list[UnitChange] = []
    unsettled: list[str] = []
    for before, targets in sorted(goes.items()):
        children = [
            child
            for child in register.children(before, on=change.on - timedelta(days=1))
            if child.is_in_force(change.on) and child.code not in goes
        ]
        if not children or targets == [before]:
            continue
        if len(targets) > 1:
            unsettled.append(_unsettled_words(register, before, children, change))
            continue
        for child in children:
            moved += [
                replace(child, valid_until=change.on),
                replace(child, parent_code=targets[0], valid_from=change.on),
            ]
            moves.append(
                UnitChange("parent_change", child.code, child.code, change.on, 1.0, 1.0, change.legal_act)
            )
    return Planned(entered, tuple(moved), tuple(moves), tuple(unsettled))


def _unsettled_words(register: Register, code: str, children: Sequence[Unit], change: NewChange) -> str:
    area = register.area(code, on=change.on - timedelta(days=1))
    names = ", ".join(f"{child.full_name} ({child.code})" for child in children[:10])
    return _("%(area)s bị chia: %(number)s đơn vị cấp dưới chưa rõ về đâu (%(names)s)") % {
        "area": area.full_name, "number": len(children), "names": names + (" …" if children[10:] else ""),
    }  # fmt: skip


def effect_of(revision: Revision) -> Effect:
    """Return what a change does, without writing anything."""
    change = new_change(revision)
    planned = plan_change(change)
    register = current_register().extended(planned.units, planned.changes)
    eve = change.on - timedelta(days=1)
    before = sorted({old for old, _new in change.flows})
    carried = Carrier(register, since=eve, to=change.on).carry(dict.fromkeys(before, SAMPLE))
    after = {unit.code for unit in change.units}
    ended = list(
        Area.objects.filter(code__in=[code for code in before if code not in after]).order_by("code")
    )
    return Effect(
        sentences=_sentences(planned),
        unsettled=planned.unsettled,
        trial=_trial(register, change, carried),
        not_carried=tuple(row.reason for row in carried.not_carried),
        ended=tuple(ended),
        organisations=in_force(Organisation.objects.filter(area__in=ended, successor=None), on=change.on)
        .select_related("area")
        .order_by("name_order"),
        roles=Membership.objects.filter(area__in=ended)
        .select_related("user", "organisation", "area")
        .order_by("user__name_order"),
        plans=Plan.objects.filter(area__in=ended).select_related("area").order_by("title_order"),
    )


def _sentences(planned: Planned) -> tuple[str, ...]:
    lines = list(planned.entered.effect)
    if planned.moves:
        # The engine's last sentence says that those below need another parent; here they have got it.
        lines = lines[:-1] if not planned.unsettled else lines
        lines.append(
            _("%(number)s đơn vị cấp dưới chuyển theo, giữ nguyên mã và tên.")
            % {"number": len(planned.moves)}
        )
    return tuple(lines)


def _trial(register: Register, change: NewChange, carried: Carried) -> tuple[TrialRow, ...]:
    rows = []
    values = {row.area_code: row for row in carried.rows}
    eve = change.on - timedelta(days=1)
    for unit in change.units:
        sources = tuple(
            f"{register.area(old, on=eve).full_name} ({old}): {part_words(share, None)}"
            for (old, new), share in sorted(change.flows.items())
            if new == unit.code
        )
        row = values.get(unit.code)
        rows.append(
            TrialRow(
                f"{unit.kind} {unit.name}".strip(), unit.code, sources, row.known if row else 0.0,
                row is not None and row.value is not None,
            )
        )  # fmt: skip
    return tuple(rows)
