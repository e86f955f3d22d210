"""Offices in time: found in any writing, and who holds their duties on a day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatangso import offices
from hatangso.errors import InputError

BEFORE, AFTER = date(2024, 6, 1), date(2026, 6, 1)


# One row: as written, the office meant.
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Sở Thông tin và Truyền thông", "province_information"),
        ("Sở TT&TT", "province_information"),
        ("sở tttt", "province_information"),
        ("SO THONG TIN VA TRUYEN THONG", "province_information"),  # no diacritics
        ("Sở KH&CN", "province_science"),
        ("Sở LĐ-TB&XH", "province_labour"),
        ("Sở VHTT&DL", "province_culture"),
        ("Sở NN và PTNT", "province_agriculture"),
        ("Phòng VHTT", "district_culture"),
        ("P. VHTT", "district_culture"),
        ("Phòng Văn hóa - Thông tin", "district_culture"),
        ("Phòng Văn hóa, Khoa học và Thông tin", "district_culture_science"),
        ("Phòng TC-KH", "district_finance"),
        ("UBND các huyện, TP", "district_committee"),
        ("Uỷ ban nhân dân các huyện, thành phố", "district_committee"),  # the other tone placement
        ("UBND thị xã", "district_committee"),
        ("UBND các xã, phường", "commune_committee"),
        ("Bộ TT&TT", "ministry_information"),
        ("Quỹ Dịch vụ viễn thông công ích", "universal_service_fund"),
        ("Bưu điện tỉnh", "province_post"),
        ("các doanh nghiệp viễn thông", "operators"),
    ],
)
def test_an_office_is_found_as_people_write_it(text, code):
    assert [match.office.code for match in offices.find(text, on=BEFORE)][:1] == [code]


def test_every_name_and_abbreviation_of_the_list_finds_its_own_office():
    for known in offices.all_offices():
        for written in (*known.names, *known.words):
            assert known.code in {match.office.code for match in offices.find(written)}, written


def test_all_offices_of_a_sentence_are_found_where_they_stand():
    text = "Giao Sở TT&TT chủ trì, phối hợp với các Sở: Kế hoạch và Đầu tư, Tài chính; Công an tỉnh thực hiện"
    found = offices.find(text)
    assert [match.office.code for match in found] == [
        "province_information",
        "province_planning",
        "province_finance",
        "province_police",
    ]
    assert text[found[0].start : found[0].end] == "Sở TT&TT"
    assert text[found[2].start : found[2].end] == "Tài chính"


def test_a_word_that_only_looks_like_the_rest_of_a_list_is_not_an_office():
    assert [match.office.code for match in offices.find("Sở Y tế. Tài chính của dự án")] == [
        "province_health"
    ]
    assert offices.find("so sánh số liệu") == []
    assert offices.find("") == []


def test_twins_are_ordered_by_the_day_and_by_the_level():
    names = {match.office.code for match in offices.find("Phòng Kinh tế")}
    assert names == {"district_economy", "commune_economy"}
    assert offices.find("Phòng Kinh tế", on=BEFORE)[0].office.code == "district_economy"
    assert offices.find("Phòng Kinh tế", on=AFTER)[0].office.code == "commune_economy"
    assert offices.find("UBND thành phố", on=BEFORE, level="district")[0].office.code == "district_committee"
    assert offices.find("UBND thành phố", on=BEFORE, level="province")[0].office.code == "province_committee"


def test_a_slip_of_spelling_is_answered_with_less_certainty():
    match = offices.find("Sở Thông tn và Truyền thong")[0]
    assert match.office.code == "province_information"
    assert 0.7 < match.score < 0.9
    assert offices.find("Sở Thú y và Thú cưng miền núi") == []


def test_the_department_of_information_became_that_of_science_on_1_march_2025():
    before = offices.holder("province_information", on=date(2025, 2, 28))
    assert before.holder.name == "Sở Thông tin và Truyền thông"
    assert before.holder.since is None
    after = offices.holder("province_information", on=date(2025, 3, 1))
    assert after.holder.name == "Sở Khoa học và Công nghệ"
    assert (after.holder.since, after.holder.act) == (date(2025, 3, 1), "45/2025/NĐ-CP")
    assert "viễn thông" in after.holder.part_vi
    assert [other.name for other in after.others] == ["Sở Văn hóa, Thể thao và Du lịch"]  # press


def test_the_ministry_of_information_became_that_of_science():
    assert offices.holder("ministry_information", on=AFTER).holder.name == "Bộ Khoa học và Công nghệ"


def test_nobody_holds_the_duties_of_the_district_culture_office_and_the_nearest_is_marked():
    holding = offices.holder("district_culture", on=AFTER)
    assert holding.holder is None
    assert "kết thúc hoạt động từ 01/7/2025" in holding.reason_vi
    assert "không có cơ quan nào nhận toàn bộ nhiệm vụ" in holding.reason_vi
    assert holding.nearest.name == "Phòng Văn hóa - Xã hội"
    assert holding.nearest.unverified


def test_the_district_culture_office_bore_another_name_for_four_months():
    assert (
        offices.holder("district_culture", on=date(2025, 5, 1)).holder.name
        == "Phòng Văn hóa, Khoa học và Thông tin"
    )


def test_an_office_that_goes_on_is_its_own_holder():
    holding = offices.holder("telecom_authority", on=AFTER)
    assert holding.holder.name == "Cục Viễn thông"
    assert "vẫn hoạt động" in holding.reason_vi


def test_an_office_not_yet_founded_has_no_holder():
    holding = offices.holder("commune_culture_society", on=date(2025, 6, 30))
    assert holding.holder is None
    assert "chưa thành lập" in holding.reason_vi


def test_the_communes_that_hold_a_districts_land_are_named():
    places = offices.holder("district_committee", on=AFTER, area="694").nearest.places  # Hớn Quản
    assert set(places) == {"Phường Bình Long", "Xã Tân Hưng", "Xã Minh Đức", "Xã Tân Quan", "Phường Tân Khai"}


def test_the_department_of_an_old_province_is_that_of_the_new_one():
    assert offices.holder("province_information", on=AFTER, area="70").holder.places == (
        "Thành phố Đồng Nai",
    )
    assert offices.holder("province_information", on=date(2025, 6, 1), area="70").holder.places == (
        "Tỉnh Bình Phước",
    )


def test_an_unknown_code_names_near_ones():
    with pytest.raises(InputError, match="province_science"):
        offices.holder("province_sciense", on=AFTER)


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2035, 1, 1)), st.sampled_from(offices.all_offices())
)
def test_on_any_day_an_office_has_a_holder_in_force_or_a_reason(day, known):
    holding = offices.holder(known, on=day)
    assert holding.reason_vi.endswith(".")
    for found in filter(None, (holding.holder, *holding.others)):
        assert found.office.in_force(day)


@given(st.text(max_size=80))
def test_find_never_fails_and_points_inside_the_text(text):
    for match in offices.find(text):
        assert 0 <= match.start < match.end
        assert 0 < match.score <= 1
