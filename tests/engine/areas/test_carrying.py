"""Carrying figures: exact over merges, by a named share over splits, never where nobody knows."""

from __future__ import annotations

import csv
import datetime
import gzip
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatangso.areas import carrying
from hatangso.areas.register import Area, Change, Register, national_register
from hatangso.areas.spreading import Spreading
from hatangso.errors import InputError
from tests.reference.carrying_by_hand import carry_by_hand

DAY, LATER = datetime.date(2025, 7, 1), datetime.date(2026, 4, 30)
OLD = datetime.date(2025, 6, 30)


def area(code: str, since: datetime.date | None = None, until: datetime.date | None = None) -> Area:
    return Area(code, "commune", "Xã", f"Tên {code}", "", since, until)


def change(before: str, after: str, share: float | None = 1.0, **more) -> Change:
    return Change("x", before, after, more.get("on", DAY), share, more.get("people", share), "NQ")


@pytest.fixture
def small() -> Register:
    """A and B join into M; C is cut into N and P, N also takes D; E stays; M is renamed in 2026."""
    old = [area(code, None, DAY) for code in "ABCD"]
    new = [area("M", DAY, LATER), area("M", LATER), area("N", DAY), area("P", DAY), area("E")]
    changes = [
        change("A", "M"), change("B", "M"), change("C", "N", None), change("C", "P", None), change("D", "N"),
        change("M", "M", on=LATER),
    ]  # fmt: skip
    return Register(old + new, changes)


def carried(register, values, to=DAY, since=OLD, **spreading):
    return carrying.Carrier(register, since=since, to=to, spreading=Spreading(**spreading)).carry(values)


def test_a_merge_adds_exactly(small):
    result = carried(small, {"A": 100, "B": 50, "E": 7})
    assert [(row.area_code, row.value, row.assumed, row.note) for row in result.rows] == [
        ("E", 7.0, 0.0, ""),
        ("M", 150.0, 0.0, ""),
    ]


def test_a_cut_area_is_not_carried_without_a_share_and_its_successors_have_no_value(small):
    result = carried(small, {"C": 80, "D": 5})
    assert [(row.area_code, row.value, row.known) for row in result.rows] == [
        ("N", None, 5.0),
        ("P", None, 0.0),
    ]
    assert "thiếu phần của Xã Tên C (C): không biết tỷ lệ chia" in result.rows[0].note
    assert [(lost.area_code, lost.amount) for lost in result.not_carried] == [("C", 80.0)]
    assert "không biết tỷ lệ vào Xã Tên N (N), Xã Tên P (P)" in result.not_carried[0].reason


def test_a_cut_area_is_divided_by_a_named_basis_and_the_assumed_part_is_shown(small):
    weights = {("C", "N"): 300.0, ("C", "P"): 100.0}
    result = carried(small, {"C": 80, "D": 5}, basis="population", weights=weights, source="điều tra 2019")
    assert [(row.area_code, row.value, row.assumed) for row in result.rows] == [
        ("N", 65.0, 60.0),
        ("P", 20.0, 20.0),
    ]
    assert "60 dựa trên giả định chia theo dân số (nguồn: điều tra 2019)" in result.rows[0].note


def test_a_weight_for_only_one_piece_divides_nothing(small):
    result = carried(small, {"C": 80, "D": 5}, basis="area", weights={("C", "N"): 3.0}, source="bản đồ")
    assert [row.value for row in result.rows] == [None, None]


def test_weights_without_basis_or_source_are_refused():
    with pytest.raises(InputError, match="không nói chia theo gì"):
        Spreading(weights={("C", "N"): 1.0})
    with pytest.raises(InputError, match="số không âm"):
        Spreading(basis="area", source="bản đồ", weights={("C", "N"): -1.0})


def test_the_whole_population_note_is_a_fact_for_people_and_an_assumption_for_masts():
    register = Register(
        [area("C", None, DAY), area("N", DAY), area("P", DAY)],
        [change("C", "N", None, people=1.0), change("C", "P", None, people=0.0)],
    )
    people = carried(register, {"C": 80}, figure="population")
    assert [(row.area_code, row.value, row.assumed) for row in people.rows] == [("N", 80.0, 0.0)]
    masts = carried(register, {"C": 4}, basis="population")
    assert [(row.area_code, row.value, row.assumed) for row in masts.rows] == [("N", 4.0, 4.0)]
    unsaid = carried(register, {"C": 4})
    assert [row.value for row in unsaid.rows] == [None, None]


def test_a_missing_figure_leaves_the_sum_unknown_and_never_zero(small):
    result = carried(small, {"A": 100, "B": None})
    assert (result.rows[0].value, result.rows[0].known) == (None, 100.0)
    assert "số liệu của Xã Tên B (B) để trống" in result.rows[0].note
    assert "thiếu số liệu của Xã Tên B (B)" in carried(small, {"A": 100}).rows[0].note


def test_a_zero_of_a_cut_area_is_zero_everywhere(small):
    assert [row.value for row in carried(small, {"C": 0, "D": 5}).rows] == [5.0, 0.0]


def test_figures_go_back_to_the_old_map_where_a_new_area_lies_in_one_old(small):
    result = carried(small, {"P": 20, "N": 45, "M": 9, "E": 7}, since=LATER, to=OLD)
    values = {row.area_code: row.value for row in result.rows}
    assert values == {"A": None, "B": None, "C": None, "D": None, "E": 7.0}
    assert {lost.area_code: lost.amount for lost in result.not_carried} == {"M": 9.0, "N": 45.0}
    assert next(row.known for row in result.rows if row.area_code == "C") == 20.0


def test_going_back_over_a_merge_needs_weights(small):
    weights = {("A", "M"): 100.0, ("B", "M"): 50.0}
    result = carried(
        small, {"M": 30}, since=LATER, to=OLD, basis="population", weights=weights, source="2019"
    )
    assert [(row.area_code, row.value, row.assumed) for row in result.rows] == [
        ("A", 20.0, 20.0),
        ("B", 10.0, 10.0),
    ]


def test_a_ratio_is_carried_by_its_parts(small):
    carrier = carrying.Carrier(small, since=OLD, to=DAY)
    ratios = carrying.carry_ratio({"A": 90, "B": 10, "E": 1}, {"A": 100, "B": 50, "E": 0}, carrier=carrier)
    assert ratios["M"] == (pytest.approx(100 / 150), "")  # and not (0.9 + 0.2) / 2
    assert ratios["E"] == (None, "mẫu số bằng 0 hoặc không có")


def test_a_rate_alone_is_not_comparable_unless_the_area_stayed(small):
    carrier = carrying.Carrier(small, since=OLD, to=LATER)
    rates = carrying.carry_rate({"A": 0.9, "B": 0.2, "C": 0.4, "D": 0.3, "E": 0.5}, carrier=carrier)
    assert rates["E"] == (0.5, "")
    assert rates["M"] == (None, "không so sánh được: gộp hoặc chia từ A, B, cần tử số và mẫu số")
    assert rates["P"][0] is None


def test_a_code_of_another_day_is_refused(small):
    with pytest.raises(InputError, match="không còn hoặc chưa có vào ngày 30/06/2025"):
        carried(small, {"M": 1})


def test_the_map_of_a_table_is_found_from_its_codes():
    register = national_register()
    assert carrying.infer_map_date(["25357", "694"], register=register, latest=LATER) == OLD
    with pytest.raises(InputError, match="--from"):
        carrying.infer_map_date(["25345"], register=register, latest=LATER)
    with pytest.raises(InputError, match="không ngày nào"):
        carrying.infer_map_date(["694", "99999"], register=register, latest=LATER)


def test_a_district_figure_has_nowhere_to_go_but_up():
    result = carrying.carry({"694": 100.0}, since=OLD, to=DAY)
    assert result.rows == ()
    assert "cộng lên cấp tỉnh trước" in result.not_carried[0].reason


def test_roll_up_adds_communes_and_names_the_missing_one():
    register = national_register()
    communes = [unit.code for unit in register.descendants("694", on=OLD)]
    assert carrying.roll_up(dict.fromkeys(communes, 1.0), on=OLD, level="district") == {"694": (13.0, "")}
    total, note = carrying.roll_up(dict.fromkeys(communes[1:], 1.0), on=OLD, level="district")["694"]
    assert total is None
    assert note == f"thiếu 1 đơn vị: {communes[0]}"


def test_roll_up_refuses_mixed_levels():
    with pytest.raises(InputError, match="2 cấp"):
        carrying.roll_up({"694": 1.0, "25345": 2.0}, on=OLD, level="province")


def test_the_same_commune_twice_is_refused(small):
    carrier = carrying.Carrier(small, since=OLD, to=DAY)
    with pytest.raises(InputError, match="hai dòng"):
        carrier.carry_array(["A", "A"], np.ones(2))


def test_many_columns_at_once_equal_one_by_one(small):
    carrier = carrying.Carrier(small, since=OLD, to=LATER)
    values = np.array([[1.0, math.nan, 3.0], [10.0, 20.0, 0.0], [5.0, 0.0, math.nan]])
    whole = carrier.carry_array(["A", "B", "C"], values)
    for column in range(3):
        alone = carrier.carry_array(["A", "B", "C"], values[:, column])
        np.testing.assert_array_equal(whole.values[:, [column]], alone.values)
        np.testing.assert_array_equal(whole.lost[:, [column]], alone.lost)


# ------------------------------------------------------------------------------------ the real register
REGISTER = national_register()
OLD_CODES = [unit.code for unit in REGISTER.in_force(OLD, level="commune")]
CARRIER = carrying.Carrier(REGISTER, since=OLD, to=LATER)
figures = st.dictionaries(st.sampled_from(OLD_CODES), st.integers(0, 10**6), min_size=1, max_size=30)
lean = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@lean
@given(figures)
def test_known_and_not_carried_add_up_to_the_whole(values):
    result = CARRIER.carry(values)
    assert sum(row.known for row in result.rows) + sum(lost.amount for lost in result.not_carried) == sum(
        values.values()
    )


@lean
@given(figures, st.randoms())
def test_the_order_of_rows_and_of_changes_does_not_matter(values, random):
    rows = list(values.items())
    random.shuffle(rows)
    assert CARRIER.carry(dict(rows)) == CARRIER.carry(values)


def test_the_order_of_changes_does_not_matter():
    turned = Register(REGISTER.areas, REGISTER.changes[::-1])
    other = carrying.Carrier(turned, since=OLD, to=LATER)
    assert (other.share != CARRIER.share).nnz == 0
    assert (other.unknown != CARRIER.unknown).nnz == 0


@lean
@given(figures)
def test_two_hops_equal_one(values):
    half = carrying.Carrier(REGISTER, since=OLD, to=DAY).carry(values)
    on = {row.area_code: row.value for row in half.rows if row.value is not None}
    rest = carrying.Carrier(REGISTER, since=DAY, to=LATER).carry(on)
    whole = {row.area_code: row.value for row in CARRIER.carry(values).rows if row.value is not None}
    assert {row.area_code: row.value for row in rest.rows} == whole


@lean
@given(figures)
def test_there_and_back_is_the_same_for_units_neither_joined_nor_cut(values):
    there = CARRIER.carry(values)
    back = carrying.Carrier(REGISTER, since=LATER, to=OLD).carry(
        {row.area_code: row.value for row in there.rows}
    )
    returned = {row.area_code: row.value for row in back.rows if row.value is not None}
    assert all(returned[code] == values[code] for code in returned if code in values)
    alone = {code for code in values if _one_to_one(code)}
    assert alone <= set(returned)


@lean
@given(figures)
def test_there_and_back_over_merges_by_their_own_weights(values):
    values = {code: value + 1 for code, value in values.items()}
    joined = {change_.to_code: change_.from_code for change_ in REGISTER.changes if change_.share == 1}
    whole = {}
    for target in {REGISTER.changes_from(code)[0].to_code for code in values} & set(joined):
        sources = [change_ for change_ in REGISTER.changes_to(target) if change_.on == DAY]
        if all(source.share == 1 for source in sources):
            whole |= {source.from_code: values.get(source.from_code, 5) for source in sources}
    changes = [change_ for change_ in REGISTER.changes if change_.on == DAY]
    weights = {
        (c.from_code, c.to_code): float(whole[c.from_code])
        for c in changes
        if c.from_code in whole and c.to_code
    }
    spreading = Spreading(basis="population", weights=weights, source="chính số liệu này")
    there = CARRIER.carry(whole)
    back = carrying.Carrier(REGISTER, since=LATER, to=OLD, spreading=spreading)
    returned = {
        row.area_code: row.value for row in back.carry({r.area_code: r.value for r in there.rows}).rows
    }
    assert {code: pytest.approx(value) for code, value in whole.items()} == returned


@lean
@given(figures)
def test_the_matrix_agrees_with_pencil_and_paper(values):
    known, torn = carry_by_hand(REGISTER, {code: float(value) for code, value in values.items()}, OLD, LATER)
    result = CARRIER.carry(values)
    rows = {row.area_code: row for row in result.rows}
    assert {code for code, value in known.items() if value} <= set(rows)
    assert all(rows[code].known == known.get(code, 0.0) for code in rows)
    assert all(rows[code].value is None for code in torn)


def _one_to_one(code: str) -> bool:
    leaving = [c for c in REGISTER.changes_from(code) if c.on == DAY]
    return len(leaving) == 1 and len([c for c in REGISTER.changes_to(leaving[0].to_code) if c.on == DAY]) == 1


# -------------------------------------------------------------------------------------------- the census
@pytest.mark.shared
@pytest.mark.parametrize(
    ("province", "communes", "people", "successors"),
    [("Đắk Nông", 71, 622_168, 28), ("Bình Phước", 111, 994_679, 40)],
)
def test_the_census_of_2019_goes_to_the_communes_of_2025_to_the_person(
    shared, province, communes, people, successors
):
    values = {
        row["gso_code_2019"]: float(row["total"])
        for row in _rows(shared("data/population/census2019_communes_matched.csv.gz"))
        if province in row["prov"]
    }
    witness = {
        row["newcode"]: float(row["pop_2019"])
        for row in _rows(shared("data/population/census2019_by_new_commune.csv.gz"))
    }
    assert (len(values), sum(values.values())) == (communes, people)
    result = CARRIER.carry(values)
    assert result.not_carried == ()
    assert {row.area_code: row.value for row in result.rows} == {
        row.area_code: witness[row.area_code] for row in result.rows
    }
    assert (len(result.rows), sum(row.value for row in result.rows)) == (successors, people)
    assert all(row.assumed == 0 and row.note == "" for row in result.rows)


def _rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)
