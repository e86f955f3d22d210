"""What is asked of disputes: who sees which, who answers, which wait and for whom."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import areas_filter, can
from hatangso_web.accounts.roles import Permission, Role
from hatangso_web.areas.models import Area, Level
from hatangso_web.areas.queries import below
from hatangso_web.indicators.models import Challenge, ChallengeState, VillageCoverage
from hatangso_web.indicators.queries.visible import holds_for_area, may_enter, watched
from hatangso_web.screen.work import WorkGroup, WorkItem

UNSETTLED = (ChallengeState.OPEN, ChallengeState.ANSWERED)
UNHEARD = (ChallengeState.PENDING, ChallengeState.DECLINED)
# What the list may be narrowed to: the word in the address → its condition on a day.
FILTERS = ("cho-tiep-nhan", "dang-xu-ly", "qua-han", "da-ket-luan", "khong-tiep-nhan")
_SHOWN = 5


def challenges_visible_to(user: User) -> QuerySet[Challenge]:
    """Return the disputes a person may see.

    Those of their areas; a firm's clerk those about the firm; who raised one always. What a citizen sent in and
    nobody took on is seen only by who may take it on.
    """
    receiving = areas_filter(user, Permission.APPROVE_FIGURES, column="area__path")
    heard = watched(user, "area__path") | Q(by=user.pk)
    if user.is_active:
        for held in user.memberships_held:
            if held.role == Role.OPERATOR_CLERK and held.area:
                heard |= Q(operator=held.organisation_id) & below(held.area.path, column="area__path")
    return Challenge.objects.filter(receiving | (heard & ~Q(state__in=UNHEARD))).select_related(
        "area__parent", "operator", "by", "value__submission__round__area", "value__submission__area",
        "answered_by", "settled_by", "received_by",
    )  # fmt: skip


def narrowed(found: QuerySet[Challenge], word: str, *, on: date) -> QuerySet[Challenge]:
    """Return those of one kind: waiting to be taken on, in hand, late, settled, not taken on."""
    late = Q(state=ChallengeState.OPEN, answer_by__lt=on)
    conditions = {
        "cho-tiep-nhan": Q(state=ChallengeState.PENDING),
        "dang-xu-ly": Q(state__in=UNSETTLED),
        "qua-han": late,
        "da-ket-luan": Q(state__in=[ChallengeState.UPHELD, ChallengeState.REJECTED]),
        "khong-tiep-nhan": Q(state=ChallengeState.DECLINED),
    }
    return found.filter(conditions[word]) if word in conditions else found


def counts_of(found: QuerySet[Challenge], *, on: date) -> dict[str, int]:
    """Return how many there are of each kind."""
    return {word: narrowed(found, word, on=on).count() for word in FILTERS}


def may_answer(user: User, challenge: Challenge) -> bool:
    """Tell whether the person answers for what was declared: the unit of its submission, else the firm, else the commune."""
    if challenge.value is not None:
        submission = challenge.value.submission
        return submission is not None and may_enter(user, submission)
    path = challenge.area.path
    if challenge.operator_id is None:
        return holds_for_area(user, Permission.ENTER_FIGURES, path)
    return any(
        held.role == Role.OPERATOR_CLERK
        and held.organisation_id == challenge.operator_id
        and held.area is not None
        and path.startswith(held.area.path)
        for held in (user.memberships_held if user.is_active else ())
    )


def may_open_evidence(user: User, challenge: Challenge) -> bool:
    """Tell whether the person is concerned: who raised it, who answers, who settles."""
    return (
        challenge.by_id == user.pk
        or can(user, Permission.APPROVE_FIGURES, challenge.area)
        or (challenge.state not in UNHEARD and may_answer(user, challenge))
    )


def published_classes(village: Area) -> list[VillageCoverage]:
    """Return the classes of coverage of a village that everybody may see: those of its newest confirmed record."""
    newest = village.village_records.filter(confirmed_at__isnull=False).order_by("-period").first()
    if newest is None:
        return []
    rows = newest.coverage.select_related("operator", "record__village").order_by(
        F("operator__name_order").asc(nulls_first=True), "technology"
    )
    return list(rows)


def villages_with_classes() -> QuerySet[Area]:
    """Return the villages in force that have a confirmed record."""
    return Area.objects.filter(
        level=Level.VILLAGE, valid_until=None, village_records__confirmed_at__isnull=False
    ).distinct()


def challenges_to_receive(user: User, on: date) -> WorkGroup | None:
    """Return what citizens sent in and this person may take on."""
    if not can(user, Permission.APPROVE_FIGURES):
        return None
    waiting = narrowed(challenges_visible_to(user), "cho-tiep-nhan", on=on)
    items = [WorkItem(str(each), reverse("indicators:challenge", args=[each.pk])) for each in waiting.order_by("at")[:_SHOWN]]  # fmt: skip
    return WorkGroup(
        _("Phản ánh của người dân chờ tiếp nhận"), items, waiting.count(), _listed("cho-tiep-nhan")
    )


def challenges_to_answer(user: User, on: date) -> WorkGroup | None:
    """Return the disputes this person's unit must answer, those due first: the reminder inside the site."""
    if not can(user, Permission.ENTER_FIGURES):
        return None
    open_ones = challenges_visible_to(user).filter(state=ChallengeState.OPEN).order_by("answer_by", "pk")
    if can(user, Permission.APPROVE_FIGURES):
        open_ones = open_ones.filter(answer_by__lt=on)  # who settles is told only of those that are late
    own = [each for each in open_ones[:200] if may_answer(user, each)]
    return WorkGroup(_("Phản ánh phải trả lời"), [_item(each) for each in own[:_SHOWN]], len(own), _listed("dang-xu-ly"))  # fmt: skip


def challenges_to_settle(user: User, on: date) -> WorkGroup | None:
    """Return the disputes that were answered, or whose day has passed, for who settles."""
    if not can(user, Permission.APPROVE_FIGURES):
        return None
    ripe = Q(state=ChallengeState.ANSWERED) | Q(state=ChallengeState.OPEN, answer_by__lt=on)
    mine = challenges_visible_to(user).filter(
        ripe, areas_filter(user, Permission.APPROVE_FIGURES, column="area__path")
    )
    waiting = mine.exclude(by=user).order_by("answer_by", "pk")
    return WorkGroup(_("Phản ánh chờ kết luận"), [_item(each) for each in waiting[:_SHOWN]], waiting.count(), _listed("dang-xu-ly"))  # fmt: skip


def _item(each: Challenge) -> WorkItem:
    return WorkItem(
        str(each),
        reverse("indicators:challenge", args=[each.pk]),
        str(each.get_state_display()),
        each.answer_by,
    )


def _listed(word: str) -> str:
    return f"{reverse('indicators:challenges')}?loc={word}"
