"""Words → terms → rules → indicator."""

from __future__ import annotations

import unicodedata

from hatangso.plans.matching import (
    Match,
    borrow,
    find_terms,
    heading_terms,
    indicator_codes,
    indicator_entry,
    match_terms,
    rests_on,
    unknown_terms,
)


def _code(text: str, kind: str = "share", unit: str = "%") -> str | None:
    match = match_terms(find_terms(text), kind=kind, unit=unit)
    return match.code if match else None


def test_word_lists_are_sound() -> None:
    assert unknown_terms() == set()
    assert len(indicator_codes()) == len(set(indicator_codes())) == 85


def test_marked_words_need_their_diacritics_and_folded_words_do_not() -> None:
    assert "village" in find_terms("100% bản có sóng")
    assert "village" not in find_terms("ban hành văn bản tại địa bàn, áp dụng, chăm sóc, nông thôn")
    assert "village" in find_terms("100% THON co song")


def test_decomposed_text_gives_the_same_terms() -> None:
    text = "Tỷ lệ hộ gia đình có truy nhập Internet cáp quang"

    assert find_terms(unicodedata.normalize("NFD", text)) == find_terms(text)


def test_what_the_number_measures_decides_between_indicators() -> None:
    assert _code("tốc độ mạng di động", "speed", "Mb/s") == "SPD-01"
    assert _code("tốc độ mạng di động", "times", "lần") == "SPD-08"
    assert _code("số trạm BTS", "count", "trạm") == "MOB-11"
    assert _code("dùng chung vị trí trạm BTS") == "PAS-01"


def test_negative_words_rule_out() -> None:
    assert _code("thôn lõm sóng mới phát sinh") is None
    assert _code("100% nhà đầu tư trong khu công nghiệp được tư vấn ứng dụng 5G") is None


def test_borrowing_respects_what_the_clause_names_itself() -> None:
    own, other = find_terms("cho mạng 5G"), find_terms("tốc độ tải xuống mạng 4G")

    borrowed = borrow(own, other)

    assert {"g5", "speed"} <= borrowed
    assert "g4" not in borrowed


def test_headings_lend_networks_but_not_subjects() -> None:
    lent = heading_terms(["Mạng băng rộng cố định của các hộ gia đình"])

    assert "fixed_line" in lent
    assert "household" not in lent


def test_borrowed_match_must_be_about_the_clause_itself() -> None:
    match = Match("USE-05", 3, used=frozenset({"identity", "people"}))

    schools = find_terms("100% trường học ứng dụng công nghệ")

    assert not rests_on(match, schools, counted=schools)
    assert not rests_on(match, find_terms("chữ ký số"), counted=frozenset())
    assert rests_on(match, find_terms("định danh"), counted=frozenset())
    assert rests_on(match, frozenset(), counted=frozenset())


def test_facets_tell_the_sides_of_one_indicator() -> None:
    internet = match_terms(find_terms("điểm phục vụ bưu chính có kết nối Internet"), kind="share", unit="%")
    services = match_terms(
        find_terms("điểm bưu chính phục vụ dịch vụ công trực tuyến"), kind="share", unit="%"
    )

    assert internet is not None and services is not None
    assert (internet.code, internet.facet) == ("POS-04", "internet")
    assert (services.code, services.facet) == ("POS-04", "online_service")
    assert indicator_entry("POS-03")["better"] == "down"
