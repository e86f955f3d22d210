"""The demo: the invented province in the database, once, with accounts, a confirmed plan and one to confirm."""

import pytest

from hatangso_web.accounts.models import Membership, User
from hatangso_web.areas.models import Area
from hatangso_web.demo.load import PASSWORD, load_demo
from hatangso_web.indicators.models import Challenge, Scoring
from hatangso_web.plans.models import Finding, Plan, State, Target, Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return load_demo(size=4)


def test_every_account_can_sign_in_and_has_its_role(accounts):
    for account in accounts:
        person = User.objects.get(username=account.username)
        assert person.check_password(PASSWORD)
        assert Membership.objects.filter(user=person).exists()


def test_a_scoring_and_disputes_stand_at_different_steps(accounts):
    assert sorted(Scoring.objects.values_list("state", flat=True)) == ["answer", "self", "self", "self"]
    assert set(Challenge.objects.values_list("state", flat=True)) == {"open", "pending"}


def test_a_second_time_adds_nothing(accounts, settings):
    before = (Area.objects.count(), User.objects.count(), Plan.objects.count(), Version.objects.count())
    load_demo(size=4)
    assert (
        Area.objects.count(),
        User.objects.count(),
        Plan.objects.count(),
        Version.objects.count(),
    ) == before


def test_the_plans_of_the_year_are_confirmed_and_the_long_one_waits(accounts):
    commune = Version.objects.get(filename="ke-hoach-xa-2026.docx")
    assert Target.objects.filter(plan=commune.plan).count() >= 4
    year = Version.objects.get(filename="ke-hoach-tinh-an-linh-2026.docx")
    assert Target.objects.get(plan=year.plan, indicator="MOB-02").baseline == 80
    assert not Finding.objects.filter(
        version__filename="ke-hoach-tinh-an-linh-2026-2030.docx", state=State.ACCEPTED
    ).exists()


def test_ones_own_plan_replaces_the_invented_ones(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    own = tmp_path / "cua-toi.txt"
    own.write_text(
        "KẾ HOẠCH\nPhát triển hạ tầng số năm 2026\nI. MỤC TIÊU\n- 100% thôn được phủ sóng 4G.\n",
        encoding="utf-8",
    )
    load_demo(size=3, plan=own)
    assert list(Version.objects.values_list("filename", flat=True)) == ["cua-toi.txt"]
