"""The demo: the invented province in the database, once, with accounts, a confirmed plan and one to confirm."""

import pytest

from hatangso_web.accounts.models import Membership, User
from hatangso_web.areas.models import Area
from hatangso_web.demo.load import PASSWORD, load_demo
from hatangso_web.indicators.models import Challenge, Scoring
from hatangso_web.plans.models import Finding, Plan, State, Target, Version

pytestmark = pytest.mark.django_db


SIZE = 4


def test_every_account_can_sign_in_and_has_its_role(demo):
    for account in demo:
        person = User.objects.get(username=account.username)
        assert person.check_password(PASSWORD)
        assert Membership.objects.filter(user=person).exists()


def test_a_scoring_and_disputes_stand_at_different_steps(demo):
    assert sorted(Scoring.objects.values_list("state", flat=True)) == ["answer", "self", "self", "self"]
    assert set(Challenge.objects.values_list("state", flat=True)) == {"open", "pending"}


def test_a_second_time_adds_nothing(demo):
    before = (Area.objects.count(), User.objects.count(), Plan.objects.count(), Version.objects.count())
    load_demo(size=SIZE)
    assert (
        Area.objects.count(),
        User.objects.count(),
        Plan.objects.count(),
        Version.objects.count(),
    ) == before


def test_the_plans_of_the_year_are_confirmed_and_the_long_one_waits(demo):
    commune = Version.objects.get(filename="ke-hoach-xa-2026.docx")
    assert Target.objects.filter(plan=commune.plan).count() >= 4
    year = Version.objects.get(filename="ke-hoach-tinh-an-linh-2026.docx")
    assert Target.objects.get(plan=year.plan, indicator="MOB-02").baseline == 80
    assert not Finding.objects.filter(
        version__filename="ke-hoach-tinh-an-linh-2026-2030.docx", state=State.ACCEPTED
    ).exists()
