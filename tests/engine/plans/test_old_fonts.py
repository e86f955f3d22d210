"""Text typed for fonts from before Unicode."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatangso.errors import InputError
from hatangso.plans.opening import open_document
from hatangso.plans.sources.old_fonts import refuse_old_fonts

_TCVN3 = "Thùc hiÖn KÕ ho¹ch cña UBND tØnh vÒ ph¸t triÓn h¹ tÇng sè trªn ®Þa bµn tØnh, 100% hé gia ®×nh cã c¸p quang.\n"
_VNI = "Thöïc hieän Keá hoaïch cuûa UBND tænh veà phaùt trieån haï taàng soá treân ñòa baøn tænh.\n"


@pytest.mark.parametrize(("text", "name"), [(_TCVN3, "TCVN3"), (_VNI, "VNI")])
def test_old_fonts_are_named_and_a_way_out_is_told(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / "plan.txt"
    path.write_text(text * 4, encoding="utf-8")

    with pytest.raises(InputError, match=rf"{name}.*Unicode"):
        open_document(path)


@pytest.mark.parametrize(
    "text",
    [
        "Phát triển hạ tầng số trên địa bàn tỉnh, tỷ lệ hộ gia đình có cáp quang đạt 90%. " * 4,
        "Phat trien ha tang so tren dia ban tinh, ty le ho gia dinh co cap quang dat 90%. " * 4,
        "Le réseau à très haut débit couvre toutes les communes du département, é à ç. " * 4,
    ],
)
def test_unicode_bare_letters_and_other_languages_pass(text: str) -> None:
    assert refuse_old_fonts(text) is None  # type: ignore[func-returns-value]
