"""Vietnamese writing: Unicode form, diacritic-blind keys, dictionary order, numbers as 1.234,5."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from hatangso.errors import InputError

# Dictionary order (TCVN): letters first, tone marks only break ties.
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: rank for rank, letter in enumerate(_LETTERS, start=100)}
# Order of tones in Vietnamese dictionaries: level, falling, asking, tumbling, rising, heavy.
_TONE_RANK = {"": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_TONES = set(_TONE_RANK) - {""}
_NUMBER = re.compile(r"^[+-]?\d[\d.,\s\u00a0\u202f]*$")


def nfc(text: str) -> str:
    """Return ``text`` in Unicode NFC, the form in which everything is stored and compared."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return a key that ignores case and diacritics: ``fold("Đắk Nông") == "dak nong"``.

    Đ has no canonical decomposition, so it is replaced by hand. White space is squeezed.
    The length may differ from the input; for spans use :func:`fold_same_length`.
    """
    decomposed = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def fold_same_length(text: str) -> str:
    """Fold like :func:`fold` but keep one output letter for each input letter, so offsets stay valid.

    ``text`` should be NFC; a stray combining mark becomes a blank.
    """
    return text.translate(_FOLDED)


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Return the key that sorts in Vietnamese dictionary order ("Ân Thi" before "Ba Đình", "Dĩ An" before "Đà")."""
    letters: list[int] = []
    tones: list[int] = []
    for letter in nfc(text).casefold():
        decomposed = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in decomposed if mark in _TONES), "")
        plain = unicodedata.normalize("NFC", "".join(mark for mark in decomposed if mark not in _TONES))
        if plain.isspace():
            letters.append(1)
        elif plain in _LETTER_RANK:
            letters.append(_LETTER_RANK[plain])
        elif plain.isdigit():
            letters.append(50 + int(plain))
        else:
            letters.append(2 + (ord(plain[0]) % 40 if plain else 0))
        tones.append(_TONE_RANK[tone])
    return tuple(letters), tuple(tones), text


def format_number(value: float | int | Decimal | None, decimals: int | None = None) -> str:
    """Write a number as Vietnamese offices do: ``1234.5`` → ``"1.234,5"``; ``None`` → ``""``.

    ``decimals`` fixes the digits after the comma; without it up to three are shown and trailing zeros dropped.
    """
    if value is None:
        return ""
    if decimals is None:
        text = f"{float(value):,.3f}".rstrip("0").rstrip(".")
    else:
        text = f"{float(value):,.{decimals}f}"
    if text in {"-0", "-0."}:
        text = "0"
    return text.replace(",", "\u0000").replace(".", ",").replace("\u0000", ".")


def parse_number(text: str) -> float:
    """Read a number as written in Vietnam: "3.890" is 3890, "10,81" is 10.81, "1.234,5" is 1234.5, "01" is 1.

    A single dot followed by exactly three digits groups thousands (unless the whole part is 0); otherwise a
    single dot is a decimal point, because exported tables use it. Two commas, or a comma before a dot, are
    English grouping ("1,234.5").

    Raises
    ------
    InputError
        when the text is not a number in any of these forms.
    """
    stripped = nfc(text).strip().rstrip("%").strip()
    if not _NUMBER.match(stripped):
        raise InputError(f"'{text}' không phải là số", expected="số viết như 1.234,5")
    sign = -1.0 if stripped.startswith("-") else 1.0
    digits = re.sub(r"[\s\u00a0\u202f]", "", stripped.lstrip("+-"))
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        decimal_mark = max(digits.rfind("."), digits.rfind(","))
        whole = re.sub(r"[.,]", "", digits[:decimal_mark])
        tail = digits[decimal_mark + 1 :]
        return sign * float(f"{whole or 0}.{tail or 0}")
    if commas == 1:
        return sign * float(digits.replace(",", "."))
    if commas > 1:
        return sign * float(digits.replace(",", ""))
    if dots == 1:
        whole, tail = digits.split(".")
        if len(tail) == 3 and whole not in {"", "0"} and len(whole) <= 3:
            return sign * float(whole + tail)
        return sign * float(f"{whole or 0}.{tail or 0}")
    return sign * float(digits.replace(".", ""))


def _fold_letter(letter: str) -> str:
    if letter in "Đđ":
        return "d"
    bare = "".join(mark for mark in unicodedata.normalize("NFD", letter) if not unicodedata.combining(mark))
    folded = bare.casefold()
    return folded if len(folded) == 1 else (bare[:1] or " ")


class _Folded(dict[int, str]):
    """Letter → folded letter, worked out once for each letter met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_letter(chr(code))
        return folded


_FOLDED = _Folded()
