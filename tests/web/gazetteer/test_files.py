"""Files of areas: checked first, written when told, nothing twice, nothing that is not what it says."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import shapely
from django.core.files.base import ContentFile
from django.test import Client

from hatangso.errors import InputError
from hatangso_web.accounts.models import AuditEvent, User
from hatangso_web.areas.models import Area, AreaVersion, Boundary, Particulars
from hatangso_web.gazetteer.actions import HandedIn, hand_in, write_file
from hatangso_web.gazetteer.models import AreaFile, FileKind, FileState
from tests.people import Places

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_now")]
ON = date(2026, 1, 1)
VILLAGES = "Tên,Mã xã,Dân số,Số hộ\nThôn Một,99001,400,100\nBuôn Hai,99001,300,80\nTDP 5,99002,900,250\n"


def handed(
    text: str | bytes, name: str = "thon.csv", kind: str = FileKind.VILLAGES, **more: object
) -> HandedIn:
    content = text.encode("utf-8") if isinstance(text, str) else text
    options = {"on": ON, **more}
    return HandedIn(ContentFile(content, name=name), kind, **options)  # type: ignore[arg-type]


def square(west: float, code: str) -> dict:
    box = shapely.box(west, 12.0, west + 0.1, 12.1)
    return {"type": "Feature", "properties": {"code": code}, "geometry": shapely.geometry.mapping(box)}


def borders(*features: dict) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


BORDERS = borders(square(107.0, "99001"), square(107.1, "99002"))


def test_villages_are_checked_first_and_written_when_told(places: Places, specialist: User) -> None:
    row, known = hand_in(handed(VILLAGES), by=specialist)
    assert (row.state, known, row.counts) == (FileState.CHECKED, False, {"new": 3, "changed": 0, "same": 0})
    assert row.report == ["3 dòng ở 2 đơn vị."]
    assert not Area.objects.filter(level="village").exists()
    write_file(row, by=specialist)
    write_file(row, by=specialist)
    row.refresh_from_db()
    assert row.state == FileState.STORED
    assert sorted(Area.objects.filter(level="village").values_list("name", "path")) == [
        ("Buôn Hai", "/99/99001/99001-002/"),
        ("Thôn Một", "/99/99001/99001-001/"),
        ("Tổ dân phố 5", "/99/99002/99002-001/"),
    ]
    assert Particulars.objects.get(area__code="99001-001").population == 400
    assert AuditEvent.objects.filter(event="gazetteer.file_stored").count() == 1


def test_the_same_file_again_changes_nothing(places: Places, specialist: User) -> None:
    row, _known = hand_in(handed(VILLAGES), by=specialist)
    write_file(row, by=specialist)
    again, known = hand_in(handed(VILLAGES), by=specialist)
    head, *lines = VILLAGES.strip().split("\n")
    turned = "\n".join([head, *reversed(lines)]) + "\n"
    assert (again.pk, known) == (row.pk, True)
    other, known = hand_in(handed(turned), by=specialist)  # other bytes, the same villages
    assert (known, other.counts) == (False, {"new": 0, "changed": 0, "same": 3})
    assert AreaVersion.objects.filter(level="village").count() == 3


def test_a_new_village_without_code_takes_a_free_one(places: Places, specialist: User) -> None:
    row, _known = hand_in(handed(VILLAGES), by=specialist)
    write_file(row, by=specialist)
    more, _known = hand_in(handed("Tên,Mã xã\nThôn Ba,99001\nThôn Một,99001\n"), by=specialist)
    assert more.counts["new"] == 1
    write_file(more, by=specialist)
    assert Area.objects.get(name="Thôn Ba").code == "99001-003"


def test_a_village_with_its_code_gets_its_new_name_from_the_day(places: Places, specialist: User) -> None:
    row, _known = hand_in(handed("Mã,Tên,Mã xã\nA1,Thôn Cũ,99001\n"), by=specialist)
    write_file(row, by=specialist)
    renamed, _known = hand_in(handed("Mã,Tên,Mã xã\nA1,Thôn Mới,99001\n", on=date(2026, 6, 1)), by=specialist)
    assert renamed.report[1] == "Đổi tên: Thôn Cũ → Thôn Mới (A1)"
    write_file(renamed, by=specialist)
    versions = AreaVersion.objects.filter(area__code="A1").order_by("pk")
    assert [(version.full_name, version.valid_from, version.valid_until) for version in versions] == [
        ("Thôn Cũ", None, date(2026, 6, 1)),
        ("Thôn Mới", date(2026, 6, 1), None),
    ]
    assert Area.objects.get(code="A1").name == "Thôn Mới"


def test_other_areas_stand_below_their_province(places: Places, specialist: User) -> None:
    text = "Tên,Loại,Mã đơn vị\nNhân Cơ,KCN,99001\n"
    row, _known = hand_in(handed(text, kind=FileKind.OTHER), by=specialist)
    write_file(row, by=specialist)
    assert Area.objects.get(level="other").name == "Khu công nghiệp Nhân Cơ"


def test_a_commune_of_another_province_is_refused_with_its_name(places: Places, specialist: User) -> None:
    row, _known = hand_in(
        handed(borders(square(107.0, "98")), "tinh.geojson", FileKind.BOUNDARIES, level="province"),
        by=specialist,
    )
    assert row.state == FileState.REFUSED
    assert "1 đơn vị ngoài địa bàn bạn được giao (Tỉnh Láng Giềng)" in row.failure


def test_an_unknown_commune_is_refused_with_the_line(places: Places, specialist: User) -> None:
    row, _known = hand_in(handed("Tên,Mã xã\nThôn Một,12345\n", name="sai.csv"), by=specialist)
    assert row.state == FileState.REFUSED
    assert "Bảng 'sai.csv', dòng 2: mã xã '12345'" in row.failure
    write_file(row, by=specialist)
    assert not Area.objects.filter(level="village").exists()


def test_a_code_of_another_area_is_refused(places: Places, specialist: User) -> None:
    row, _known = hand_in(handed("Mã,Tên,Mã xã\n98,Thôn Một,99001\n"), by=specialist)
    assert row.state == FileState.REFUSED
    assert "đã là mã của Tỉnh Láng Giềng" in row.failure


def test_boundaries_are_stored_in_full_and_simple_and_drawn(
    places: Places, specialist: User, client_of: Callable[[User], Client]
) -> None:
    row, _known = hand_in(
        handed(BORDERS, "ranh.geojson", FileKind.BOUNDARIES, level="commune", source="Sở thử"), by=specialist
    )
    assert (row.state, row.counts["new"]) == (FileState.CHECKED, 2)
    assert not Boundary.objects.exists()
    write_file(row, by=specialist)
    assert Boundary.objects.count() == 2
    again, _known = hand_in(
        handed(BORDERS + " ", "ranh.geojson", FileKind.BOUNDARIES, level="commune"), by=specialist
    )
    assert again.counts == {"new": 0, "changed": 0, "same": 2}
    drawn = client_of(specialist).get("/dia-ban/ma/99/ban-do.svg?ngay=2026-01-01")
    assert drawn.headers["Content-Type"].startswith("image/svg+xml")
    assert "Sở thử" in drawn.content.decode()
    assert "ban-do.svg" in client_of(specialist).get("/dia-ban/ma/99/").content.decode()


def test_a_border_that_moved_is_a_change(places: Places, specialist: User) -> None:
    row, _known = hand_in(handed(BORDERS, "a.geojson", FileKind.BOUNDARIES, level="commune"), by=specialist)
    write_file(row, by=specialist)
    moved = borders(square(107.0, "99001"), square(107.15, "99002"))
    other, _known = hand_in(handed(moved, "b.geojson", FileKind.BOUNDARIES, level="commune"), by=specialist)
    assert other.counts == {"new": 0, "changed": 1, "same": 1}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.geojson", b"<OGRVRTDataSource/>", "nội dung không đúng với đuôi tệp"),
        ("a.gpkg", b"PK\x03\x04", "nội dung không đúng với đuôi tệp"),
        ("a.exe", b"MZ", "không thuộc loại đọc được"),
        ("a.zip", b"PK\x03\x04 hong", "nén hỏng"),
        ("a.geojson.gz", b"khong nen", "nén hỏng"),
        ("a.geojson", b"", "không có nội dung"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_unopened(
    places: Places, specialist: User, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        hand_in(handed(content, name, FileKind.BOUNDARIES, level="commune"), by=specialist)
    assert not AreaFile.objects.exists()


def test_a_zip_with_foreign_files_is_refused(places: Places, specialist: User) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.shp", b"x")
        archive.writestr("a.vrt", b"<OGRVRTDataSource/>")
    with pytest.raises(InputError, match=r"a\.vrt"):
        hand_in(handed(packed.getvalue(), "a.zip", FileKind.BOUNDARIES, level="commune"), by=specialist)


def test_upload_through_the_page_then_write(
    places: Places, specialist: User, neighbour: User, client_of: Callable[[User], Client], tmp_path: Path
) -> None:
    browser = client_of(specialist)
    file = ContentFile(VILLAGES.encode(), name="thôn.csv")
    sent = {"kind": "villages", "on": "2026-01-01", "level": "commune", "source": "", "file": file}
    response = browser.post("/dia-ban/nap/", sent, follow=True)
    assert "Ghi vào hệ thống" in response.content.decode()
    row = AreaFile.objects.get()
    done = browser.post(f"/dia-ban/nap/{row.pk}/ghi/", follow=True).content.decode()
    assert "Đã ghi" in done
    assert Area.objects.filter(level="village").count() == 3
    assert client_of(neighbour).get(f"/dia-ban/nap/{row.pk}/").status_code == 403
    wrong = {**sent, "file": ContentFile(b"MZ", name="a.exe")}
    assert "không thuộc loại đọc được" in browser.post("/dia-ban/nap/", wrong).content.decode()
