"""The demo on a plan of one's own, in an empty database."""

import pytest

from hatangso_web.demo.load import load_demo
from hatangso_web.plans.models import Version


@pytest.mark.django_db
def test_ones_own_plan_replaces_the_invented_ones(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    own = tmp_path / "cua-toi.txt"
    own.write_text(
        "KẾ HOẠCH\nPhát triển hạ tầng số năm 2026\nI. MỤC TIÊU\n- 100% thôn được phủ sóng 4G.\n",
        encoding="utf-8",
    )
    load_demo(size=3, plan=own)
    assert list(Version.objects.values_list("filename", flat=True)) == ["cua-toi.txt"]
