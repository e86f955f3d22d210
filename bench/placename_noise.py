"""Writes a place as people and scanners do: abbreviations, lost diacritics, confused, lost or doubled letters."""

from __future__ import annotations

import random
import unicodedata

from hatangso.areas.register import Area, Register
from hatangso.vietnamese import fold

TONES = "\u0300\u0301\u0303\u0309\u0323"
CONFUSED = {
    "l": "1",
    "i": "l",
    "o": "0",
    "c": "e",
    "n": "u",
    "u": "n",
    "h": "b",
    "b": "h",
    "g": "q",
    "m": "n",
    "t": "l",
}
WRITTEN_KINDS = {
    "Phường": ("P.", "P ", "phường ", "Phường "), "Xã": ("X.", "xã ", "Xã "), "Thị trấn": ("TT.", "TT ", "thị trấn "),
    "Đặc khu": ("đặc khu ", "ĐK "), "Thành phố": ("TP.", "TP ", "Tp. ", "thành phố "), "Tỉnh": ("tỉnh ", "T. ", ""),
    "Huyện": ("H.", "huyện ", ""), "Quận": ("Q.", "quận ", "Quận "), "Thị xã": ("TX.", "thị xã ", "TX "),
}  # fmt: skip


def noisy_place(area: Area, register: Register, *, source: random.Random, slip_share: float = 0.35) -> str:
    """Return a written form: its name (with a slip in ``slip_share`` of cases), all above it, in mixed case."""
    name = _slip(area.name, source) if source.random() < slip_share else area.name
    pieces = [source.choice(WRITTEN_KINDS[area.kind]) + name]
    upper = register.parent(area)
    while upper is not None:
        pieces.append(source.choice(WRITTEN_KINDS[upper.kind]) + upper.name)
        upper = register.parent(upper)
    text = ", ".join(pieces)
    draw = source.random()
    return fold(text) if draw < 0.3 else text.upper() if draw < 0.4 else text


def _slip(name: str, source: random.Random) -> str:
    """Return the name with one fault: a mark, a confused letter, one lost, one too many, two exchanged."""
    at, draw = source.randrange(len(name)), source.random()
    marked = [
        place for place, letter in enumerate(name) if letter.isalpha() and fold(letter) != letter.casefold()
    ]
    if draw < 0.3 and marked:
        place = source.choice(marked)
        return name[:place] + _other_mark(name[place], source) + name[place + 1 :]
    if draw < 0.5 and name[at].lower() in CONFUSED:
        return name[:at] + CONFUSED[name[at].lower()] + name[at + 1 :]
    if draw < 0.65 and len(name) > 4:
        return name[:at] + name[at + 1 :]
    if draw < 0.8 and not name.isdigit():
        return name[:at] + source.choice("aeinotuhgc") + name[at:]
    return name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]


def _other_mark(letter: str, source: random.Random) -> str:
    if letter in "đĐ":
        return "d"
    pieces = unicodedata.normalize("NFD", letter)
    kept = [mark for mark in pieces[1:] if mark not in TONES and source.random() < 0.7]
    if source.random() < 0.5:
        kept.append(source.choice(TONES))
    return unicodedata.normalize("NFC", pieces[0] + "".join(kept))
