"""A small invented plan whose every figure can be checked in the head, and ways to store it as read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Area
from hatangso_web.plans.actions.upload import Upload, take_in
from hatangso_web.plans.models import Plan, Version
from hatangso_web.plans.storing import Reading, store_reading, take_up

TITLE = "Phát triển hạ tầng số tỉnh Đắk Thử giai đoạn 2026 - 2030"
BASIS = "Căn cứ Quyết định số 36/QĐ-TTg ngày 11/01/2024 của Thủ tướng Chính phủ;"
FIBRE = "95% hộ gia đình có khả năng tiếp cận cáp quang"
SPEED = "tốc độ tải xuống trung bình 4G tối thiểu 40 Mb/s"
TASK = "1\tPhủ sóng các thôn lõm sóng\tSở Khoa học và Công nghệ\t2026 - 2028"
SECRET = "2\tMạng điện báo Hệ đặc biệt phục vụ cơ quan Đảng\tCục Bưu điện Trung ương\t2026 - 2030"
OFFICE = "1. Sở Khoa học và Công nghệ: chủ trì, theo dõi, đôn đốc."
DUTY = "Các xã báo cáo UBND tỉnh trước ngày 20/12 hằng năm."
SOURCE = "\n".join(
    ["KẾ HOẠCH", TITLE, BASIS, "I. MỤC TIÊU", FIBRE + ";", SPEED + ".", TASK, SECRET, OFFICE, DUTY]
)

SECRET_WORDS = ("điện báo", "Hệ đặc biệt", "Cục Bưu điện Trung ương")


def place(sentence: str, source: str = SOURCE, clause: str = "") -> dict[str, Any]:
    """Return where a sentence stands in the source."""
    start = source.index(sentence)
    return {"clause": clause, "start": start, "end": start + len(sentence)}


def target(indicator: str, value: float, unit: str, sentence: str, **other: Any) -> dict[str, Any]:
    """Return a target as the engine writes it, due at the end of 2030 unless told otherwise."""
    source = other.pop("source", SOURCE)
    return {
        "indicator": indicator, "comparator": ">=", "value": value, "unit": unit, "year": 2030, "due": "2030-12-31",
        "statistic": "share", "conditions": [], "baseline": None, "maintain": False, "qualitative": False,
        "text": sentence, "where": place(sentence, source, other.pop("clause", "i.1")), **other,
    }  # fmt: skip


def findings(source: str = SOURCE) -> dict[str, Any]:
    """Return what the engine reads from the invented plan; sentences that are not in ``source`` are left out."""
    here = lambda sentence: sentence in source  # noqa: E731
    return {
        "header": {
            "kind": "KẾ HOẠCH", "number": "112/KH-UBND", "issuer": "UBND tỉnh Đắk Thử", "level": "province",
            "place": "Đắk Thử", "date": "2025-10-15", "title": TITLE, "period": [2026, 2030],
            "area": {"name": "tỉnh Đắk Thử", "code": "99"},
            "bases": [{"number": "36/QĐ-TTg", "date": "2024-01-11", "issuer": "Thủ tướng Chính phủ", "text": BASIS,
                       "parent": True, "where": place(BASIS, source, "cc.1")}],
        },
        "targets": [
            *([target("FIX-02", 95, "%", FIBRE, source=source)] if here(FIBRE) else []),
            *([target("SPD-03", 40, "Mb/s", SPEED, source=source, statistic="mean", clause="i.2")] if here(SPEED) else []),
        ],
        "tasks": [
            {"number": 1, "group": "VIỄN THÔNG", "name": "Phủ sóng các thôn lõm sóng", "items": ["Lập danh sách"],
             "lead": ["Sở Khoa học và Công nghệ"], "partners": ["UBND các xã"], "from": 2026, "until": 2028,
             "when": "2026 - 2028", "restricted": False, "where": place(TASK, source, "pl1.r1")},
            {"number": 2, "group": "VIỄN THÔNG", "name": "Mạng điện báo Hệ đặc biệt phục vụ cơ quan Đảng",
             "items": ["Cục Bưu điện Trung ương chủ trì"], "lead": ["Cục Bưu điện Trung ương"], "partners": [],
             "from": 2026, "until": 2030, "when": "2026 - 2030", "restricted": True,
             "where": place(SECRET, source, "pl1.r2")},
        ],
        "assignments": [{"office": "Sở Khoa học và Công nghệ", "items": ["chủ trì, theo dõi, đôn đốc."],
                         "where": place(OFFICE, source, "v.1"), "restricted": False}],
        "duties": [{"who": "Các xã", "to": "UBND tỉnh", "month": 12, "day": 20, "year": None, "every": "year",
                    "where": place(DUTY, source, "v.2")}],
        "warnings": [
            *([{"code": "no_baseline", "text": "Chỉ tiêu tốc độ không có mức hiện tại.",
                "where": place(SPEED, source, "i.2")}] if here(SPEED) else []),
            {"code": "no_partner", "text": "Nhiệm vụ điện báo không có đơn vị phối hợp.",
             "where": place(SECRET, source, "pl1.r2")},
        ],
    }  # fmt: skip


def reading_of(source: str = SOURCE, **changes: Any) -> Reading:
    """Return a reading of the invented plan; ``changes`` replace parts of what was found."""
    found = {**findings(source), **changes}
    return Reading(found, source, layout=[], restricted_spans=[], engine_version="0.1.0")


@dataclass(frozen=True)
class Store:
    """Stores plans as if a file had been handed in and read."""

    by: User

    def __call__(self, area: Area, reading: Reading | None = None, plan: Plan | None = None) -> Version:
        reading = reading or reading_of()
        handed = ContentFile((reading.source + str(Version.objects.count())).encode(), name="kế hoạch.txt")
        version = take_in(Upload(handed, area, plan=plan), by=self.by).version
        claimed = take_up(version.pk, now=timezone.now(), lease=timedelta(minutes=2))
        assert claimed is not None and store_reading(claimed, reading, now=timezone.now())
        return Version.objects.select_related("plan__area").get(pk=version.pk)


REAL_TEXT = """ỦY BAN NHÂN DÂN
TỈNH ĐẮK THỬ

Số: 112/KH-UBND

Đắk Thử, ngày 15 tháng 10 năm 2025

KẾ HOẠCH
Phát triển hạ tầng số tỉnh Đắk Thử giai đoạn 2026 - 2030

Căn cứ Quyết định số 36/QĐ-TTg ngày 11 tháng 01 năm 2024 của Thủ tướng Chính phủ phê duyệt Quy hoạch hạ tầng thông tin và truyền thông;

UBND tỉnh Đắk Thử ban hành Kế hoạch như sau:

I. MỤC TIÊU

1. Mục tiêu đến năm 2030

a) 95% hộ gia đình có khả năng tiếp cận cáp quang khi có nhu cầu.

b) Mạng băng rộng di động 5G phủ sóng 99% dân số.

II. TỔ CHỨC THỰC HIỆN

1. Sở Khoa học và Công nghệ

- Chủ trì, theo dõi, đôn đốc việc thực hiện Kế hoạch.

2. UBND các xã, phường

- Báo cáo kết quả thực hiện về UBND tỉnh trước ngày 20/12 hằng năm.
"""
