"""The dictionary: what stands in it, what was in force on a day, how a wrong code is answered."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from hatangso import catalogue
from hatangso.errors import InputError

DAY_BEFORE_36, DAY_OF_36 = date(2024, 1, 10), date(2024, 1, 11)


def test_every_row_of_the_reference_list_is_an_indicator_with_its_names_unit_and_direction(shared):
    with shared("reference/indicators.csv").open(encoding="utf-8") as stream:
        rows = {row["code"]: row for row in csv.DictReader(stream)}
    assert [entry.code for entry in catalogue.indicators()] == list(rows)
    for entry in catalogue.indicators():
        row = rows[entry.code]
        assert (entry.name_vi, entry.name_en) == (row["name_vi"], row["name_en"])
        assert entry.unit == {"—": "tỷ số", "●": "có/không"}.get(row["unit"], row["unit"])
        assert entry.better == ("lower" if row["better"] == "↓" else "higher")
        assert {level[0].upper() for level in entry.levels} == set(row["levels"].split(","))


def test_numerators_and_denominators_are_variables_of_the_right_kind():
    for entry in catalogue.indicators():
        numerator = catalogue.variable(entry.numerator)
        assert numerator.additive == (entry.combine in {"sum", "sum_parts"}), entry.code
        if entry.denominator:
            assert catalogue.variable(entry.denominator).additive, entry.code


def test_shares_of_areas_are_never_averaged():
    assert {entry.combine for entry in catalogue.indicators() if entry.unit in {"%", "/100 dân"}} == {
        "sum_parts"
    }
    assert {entry.combine for entry in catalogue.indicators() if entry.formula == "median"} == {
        "mergeable_summary"
    }


def test_indicators_on_a_day_are_those_with_a_document_in_force():
    codes = {entry.code for entry in catalogue.indicators(on=DAY_BEFORE_36)}
    assert "FIX-09" not in codes
    assert "FIX-01" in codes  # QĐ 885 of 2023
    assert "FIX-09" in {entry.code for entry in catalogue.indicators(on=DAY_OF_36)}


def test_a_code_is_found_in_any_case_and_a_wrong_one_names_near_ones():
    assert catalogue.indicator(" mob-04 ").name_en == "5G population coverage"
    with pytest.raises(InputError, match=r"'MOB-4'.*không có trong danh mục.*MOB-04"):
        catalogue.indicator("MOB-4")


def test_what_could_not_be_read_says_why():
    sharing = catalogue.indicator("PAS-01")
    assert sharing.unverified
    assert "dựng lại" in sharing.unverified[0]
    assert catalogue.indicator("FIX-09").unverified == ()


def test_the_value_asked_on_a_day_is_the_one_in_force_that_day():
    fixed = [
        standard.basis.document for standard in catalogue.standards(on=date(2023, 6, 30), technology="fixed")
    ]
    assert set(fixed) == {"QCVN 34:2019/BTTTT"}
    later = [
        standard.basis.document for standard in catalogue.standards(on=date(2023, 7, 1), technology="fixed")
    ]
    assert set(later) == {"QCVN 34:2022/BTTTT"}


def test_a_draft_is_listed_but_never_in_force():
    draft = next(entry for entry in catalogue.standards() if entry.code == "Q81-D2023-4G")
    assert (draft.value, draft.share_percent, draft.status) == (40, 95, "draft")
    assert draft not in catalogue.standards(on=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("indicator", "on", "expected"),
    [
        ("FIX-02", date(2024, 1, 10), []),  # the day before Decision 36
        ("FIX-02", date(2024, 1, 11), [100]),  # Decision 36
        ("FIX-02", date(2024, 10, 9), [100, 100]),  # Decision 1132 besides
        ("FIX-06", date(2025, 6, 1), [100, 25]),  # 2030 of 1132, 2025 of 912
        ("USE-06", date(2025, 1, 1), [1, 4]),  # IoT 2025 and 2030
    ],
)
def test_national_targets_of_an_indicator_on_a_day(indicator, on, expected):
    assert [target.value for target in catalogue.national_targets(on=on, indicator=indicator)] == expected


def test_a_programme_that_ended_no_longer_binds():
    assert "QD2269-2025-MOBILE-VILLAGES" in {
        entry.code for entry in catalogue.national_targets(on=date(2025, 12, 31))
    }
    assert "QD2269-2025-MOBILE-VILLAGES" not in {
        entry.code for entry in catalogue.national_targets(on=date(2026, 1, 1))
    }


def test_a_target_carries_the_speed_that_makes_a_case_count():
    condition = catalogue.national_targets(indicator="FIX-07")[0].condition
    assert (condition.comparator, condition.value, condition.unit) == (">=", 200, "Mb/s")


def test_emf_inspection_rule_has_its_numbers_as_data():
    rule = catalogue.rule("emf-inspection", on=date(2020, 6, 1))
    assert dict(rule.parameters) == {
        "distance_m": 100,
        "clearance_m": 28,
        "certificate_years": 5,
        "broadcasting_minimum_w": 150,
    }
    assert catalogue.rule("EMF-INSPECTION", on=date(2020, 5, 31)) is None


def test_the_index_of_decision_885_has_24_criteria_in_6_groups_and_300_points():
    (index,) = catalogue.indexes(on=date(2023, 5, 25))
    assert [len(group.criteria) for group in index.groups] == [4, 6, 1, 3, 1, 9]
    assert [group.maximum for group in index.groups] == [80, 60, 20, 30, 20, 90]
    assert index.total == 300
    assert index.reconstructed
    assert catalogue.indexes(on=date(2023, 5, 24)) == ()


def test_meetings_of_the_year_score_by_steps():
    criterion = catalogue.indexes()[0].groups[0].criteria[2]
    assert criterion.steps == ((4, 20), (3, 15), (2, 10), (1, 5), (0, 0))


def test_the_opinion_of_the_security_unit_is_asked_from_level_4_on():
    dossier = catalogue.controls(kind="dossier")
    assert len(dossier) == 5
    assert [len([part for part in dossier if level in part.levels]) for level in range(1, 6)] == [
        4,
        4,
        4,
        5,
        5,
    ]
    assert len(catalogue.controls(kind="layer")) == 4


def test_able_to_get_fibre_does_not_fill_having_fibre():
    counterparts = catalogue.counterparts("FIX-02")
    assert counterparts["C"] == ("FIX-02", "same")
    assert counterparts["A"] == ("FIX-03", "near")
    assert catalogue.counterparts("MOB-05") == {}


def test_every_code_of_the_catalogue_can_be_shown():
    for code in (
        "MOB-04",
        "villages",
        "QD36-2030-5G-PEOPLE",
        "EMF-ELECTRIC",
        "DII-885",
        "36/qđ-ttg",
        "share",
        "B",
    ):
        assert catalogue.find(code) is not None
    with pytest.raises(InputError, match=r"Có thể là: .*MOB-09"):
        catalogue.find("MOB-99")


def test_national_figures_of_two_tools_are_kept_apart():
    tools = {figure.tool for figure in catalogue.national_figures() if figure.indicator == "SPD-01"}
    assert tools == {"ookla", "i_speed"}


def test_what_is_read_cannot_be_changed():
    with pytest.raises(TypeError):
        catalogue.formulas()["share"] = None
    with pytest.raises(AttributeError):
        catalogue.indicator("MOB-01").unit = "thôn"
