"""What is asked of tables that came in: who sees them, whose figures they may hold, which open drafts ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.indicators.table_kinds import table_kind
from hatangso.vietnamese import fold
from hatangso_web.accounts.models import Organisation, OrganisationKind, User
from hatangso_web.accounts.permissions import can, paths_with
from hatangso_web.accounts.roles import PERMISSIONS_OF, Permission, Role
from hatangso_web.areas.models import Area
from hatangso_web.areas.queries import ancestor_paths, below, in_force
from hatangso_web.indicators.models import ImportState, State, Submission, TableImport
from hatangso_web.indicators.queries.visible import may_enter, own_filter
from hatangso_web.screen.work import WorkGroup, WorkItem

_SHOWN = 5


@dataclass(frozen=True)
class Drafts:
    """The submissions of a period by whose they are (area or firm) and variable, open or already sent."""

    of_areas: dict[tuple[int, str], Submission]
    of_firms: dict[tuple[int, str], list[Submission]]

    def asking(self, area: Area, firm: int | None, variable: str) -> Submission | None:
        """Return the submission that asks for a figure; the one due first where several do."""
        if firm is None:
            return self.of_areas.get((area.pk, variable))
        asking = self.of_firms.get((firm, variable), ())
        return next((each for each in asking if area.path.startswith(each.round.area.path)), None)


def imports_visible_to(user: User) -> QuerySet[TableImport]:
    """Return the tables of a person's areas; a firm's clerk sees those of the firm only."""
    return TableImport.objects.filter(
        own_filter(user, area="area__path", firm="operator", within="area__path")
    ).select_related("area", "operator", "uploaded_by", "confirmed_by", "decided_by")


def listed_imports(user: User) -> QuerySet[TableImport]:
    """Return the tables of the list, without those that were dropped, each with how many figures it gave."""
    return imports_visible_to(user).exclude(state=ImportState.DISCARDED).annotate(count=Count("figures"))


def areas_of_entry(user: User) -> QuerySet[Area]:
    """Return the areas for which a person may bring tables: those of their roles that enter figures."""
    return Area.objects.filter(path__in=paths_with(user, Permission.ENTER_FIGURES)).order_by("path")


def firms_of_entry(user: User) -> QuerySet[Organisation]:
    """Return the firms whose figures a person may bring: their own, or any in force for who works for the area."""
    firms = in_force(Organisation.objects.filter(kind=OrganisationKind.OPERATOR), on=timezone.localdate())
    if enters_for_areas(user):
        return firms.order_by("name_order")
    own = [each.organisation_id for each in user.memberships_held if each.role == Role.OPERATOR_CLERK]
    return firms.filter(pk__in=own).order_by("name_order")


def enters_for_areas(user: User) -> bool:
    """Tell whether the person enters figures for areas, not only for a firm."""
    return any(
        held.role != Role.OPERATOR_CLERK and Permission.ENTER_FIGURES in PERMISSIONS_OF[Role(held.role)]
        for held in user.memberships_held
    )


def firm_named(written: str, firms: Sequence[Organisation]) -> Organisation | None:
    """Return the firm that a written name means: by code, by name, or the only one whose name holds its words."""
    asked = fold(written).strip()
    for firm in firms:
        if asked in {fold(firm.code), fold(firm.name)}:
            return firm
    words = set(asked.split())
    holding = [firm for firm in firms if words and words <= set(fold(firm.name).split())]
    return holding[0] if len(holding) == 1 else None


def drafts_for(table: TableImport, by: User) -> Drafts:
    """Return the submissions of the table's period, open or sent, that ask for variables of its kind.

    Of a unit's submissions the one that is open goes before one that was sent, then the one due first.
    """
    wanted = {figure.variable for figure in table_kind(table.table_kind).figures}
    around = Q(round__area__path__in=ancestor_paths(table.area.path)) | below(
        table.area.path, column="round__area__path"
    )
    rows = Submission.objects.filter(
        around, round__period=table.period, round__opens_on__lte=timezone.localdate(),
        state__in=[State.DRAFT, State.RETURNED, State.SUBMITTED],
    ).select_related("round__area", "area", "organisation").order_by("round__due_on", "pk")  # fmt: skip
    drafts = Drafts({}, {})
    for submission in sorted(rows, key=lambda each: not each.is_open):
        if not may_enter(by, submission):
            continue
        for variable in wanted & set(submission.round.variables):
            if submission.organisation_id is None:
                drafts.of_areas.setdefault((submission.area_id, variable), submission)
            else:
                drafts.of_firms.setdefault((submission.organisation_id, variable), []).append(submission)
    return drafts


def imports_to_approve(user: User, on: date) -> WorkGroup | None:
    """Return the tables that wait for the approval of this person."""
    if not can(user, Permission.APPROVE_FIGURES):
        return None
    waiting = [
        table
        for table in imports_visible_to(user).filter(state=ImportState.WAITING).exclude(confirmed_by=user)
        if can(user, Permission.APPROVE_FIGURES, table.area)
    ]
    items = [
        WorkItem(
            title=table.filename,
            address=reverse("indicators:import", args=[table.pk]),
            note=table_kind(table.table_kind).name_vi,
            status="waiting",
        )
        for table in waiting[:_SHOWN]
    ]
    return WorkGroup(_("Bảng số liệu chờ duyệt"), items, len(waiting), reverse("indicators:imports"))
