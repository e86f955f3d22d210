"""Text typed in the fonts used before Unicode (TCVN3 "ABC", VNI): told by its letters, and refused with a sentence."""

from __future__ import annotations

import re

from hatangso.errors import InputError

_ENOUGH_LETTERS = 80
_LOOKED_AT = 20_000
_LEAST_SHARE = 0.03
_UNICODE = re.compile(r"[\u1ea0-\u1ef9\u0300\u0301\u0303\u0309\u0323]")
_TCVN3 = re.compile(
    r"(?<=\w)[µ¸¶·¹¨©ª«¬®»¼½¾Æ]|[®](?=\w)|(?<=[a-zA-Z])[ÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÞßãäåæçèéêëìíîïñòóôõö÷øùúûüýþ](?![A-ZÀ-Þ])"
)
_TCVN3_SIGNS = re.compile(r"[µ¸¶·¹¨©ª«¬®»¼½¾]")
_VNI = re.compile(r"(?:[aeoöäuyAEOÖU])[øùûõïâåêèéëúüäáàØÙÛÕÏÂÅÊÈÉË]|[ñÑ](?=[aeiouyöôAEIOUY])")


def refuse_old_fonts(text: str) -> None:
    """Raise where a text is written for a font from before Unicode.

    Rule: Vietnamese in Unicode has letters of its own (ạ, ế, ộ …); a text with none of them, in which signs such as
    "µ ¸ ®" (TCVN3) or pairs such as "aø", "oä", "ñ" (VNI) make up at least 3 % of the letters, was typed for such a
    font.

    Raises
    ------
    InputError
        naming the font family and how to convert.
    """
    begin = text[:_LOOKED_AT]
    letters = sum(map(str.isalpha, begin))
    if letters < _ENOUGH_LETTERS or len(_UNICODE.findall(begin)) > letters / 200:
        return
    name = ""
    if len(_TCVN3.findall(begin)) >= _LEAST_SHARE * letters and len(_TCVN3_SIGNS.findall(begin)) >= 5:
        name = "TCVN3 (phông .VnTime, ABC)"
    elif len(_VNI.findall(begin)) >= _LEAST_SHARE * letters:
        name = "VNI (phông VNI-Times)"
    if name:
        raise InputError(
            "Văn bản gõ theo bảng mã cũ", found=name, expected="chữ Việt Unicode",
            remedy="Hãy chuyển mã sang Unicode (UniKey: Ctrl+Shift+F6) rồi lưu lại và đọc lại",
        )  # fmt: skip
