"""How a Vietnamese document numbers its clauses: reading one marker, and where it belongs in the tree."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Capital letters of Vietnamese, for character classes (ranges such as À-Ỹ hold small letters as well).
CAPITALS = "A-ZĐÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
# Ranks of markers: a lower rank never stands below a higher one. Within a rank the first seen stands higher.
_RANKS = {
    "annex": 0,
    "phan": 1,
    "chuong": 2,
    "muc": 3,
    "roman": 4,
    "upper": 4,
    "dieu": 4,
    "lead": 8,
}
_NUMBERED, _BULLET = 6, 9
LETTERS = "abcdđefghijklmnopqrstuvwxyz"
# Official lettering leaves out f, j, w, z: a b c d đ e g h i k l m n o p q r s t u v x y.
_OFFICIAL = "abcdđeghiklmnopqrstuvxy"
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN = re.compile(r"^(X{0,3})(IX|IV|V?I{0,3})$")
_ORDINALS = {
    "nhất": 1,
    "hai": 2,
    "ba": 3,
    "tư": 4,
    "bốn": 4,
    "năm": 5,
    "sáu": 6,
    "bảy": 7,
    "tám": 8,
    "chín": 9,
    "mười": 10,
}
_LEAD = r"^[#>\s]*[*_]{0,3}\s*"
_OPEN = r"(?=[\s\"“(\[*_]|[^\W\d_])"
_NAMED = re.compile(
    _LEAD
    + r"(?P<kind>PHẦN|Phần|CHƯƠNG|Chương|MỤC|Mục|ĐIỀU|Điều)\s+(?:(?:THỨ|thứ)\s+(?P<ordinal>\w+)|(?P<number>[IVX]{1,5}|\d{1,3}))\b"
    + rf"\s*(?:[.:)/–-]|(?=\s*$|\s+[{CAPITALS}]))?[*_]{{0,3}}\s*"
)
_ROMAN_MARK = re.compile(_LEAD + r"(?P<number>[IVX]{1,5})\s?(?:[.)/:]|\s?[-–](?=\s))[*_]{0,3}\s*" + _OPEN)
_ROMAN_DOTTED = re.compile(
    _LEAD
    + rf"(?P<roman>[IVX]{{1,5}})\.(?P<number>\d{{1,2}}(?:\.\d{{1,2}}){{0,3}})[.)/:]?[*_]{{0,3}}\s+(?=[\"“(\[*_]*[{CAPITALS}0-9])"
)
_UPPER_MARK = re.compile(_LEAD + r"(?P<number>[A-ZĐ])\s?(?:[.)/:]|\s[-–])[*_]{0,3}\s+" + _OPEN)
_DOTTED = re.compile(
    _LEAD
    + rf"(?P<number>\d{{1,2}}(?:\.\d{{1,2}}){{1,4}})\s?(?:[.)/:]|\s?[-–])?[*_]{{0,3}}\s+(?=[\"“(\[*_]*[{CAPITALS}0-9])"
)
_DOTTED_TIGHT = re.compile(
    _LEAD + rf"(?P<number>\d{{1,2}}(?:\.\d{{1,2}}){{1,4}})[.)/][*_]{{0,3}}\s*(?=[\"“(\[*_]*[{CAPITALS}])"
)
_NUMBER = re.compile(
    _LEAD
    + r"(?P<number>\d{1,3})\s?(?P<end>[.):]|/(?=\s)|\s?[-–](?=\s))[*_]{0,3}\s*(?=[\"“(\[*_\s]*[^\W\d_]|[\"“(\[*_\s]+\d)"
)
_LETTER = re.compile(_LEAD + r"\(?(?P<number>[a-zđ])\s?(?P<end>[.)/])[*_]{0,3}\s*" + _OPEN)
_BRACKETED = re.compile(_LEAD + r"\((?P<number>\d{1,2}|[ivx]{1,5})\)[*_]{0,3}\s*" + _OPEN)
_LOWER_ROMAN = re.compile(_LEAD + r"(?P<number>[ivx]{2,5})[.)][*_]{0,3}\s*" + _OPEN)
_DASH = re.compile(
    rf"^[#>\s]*(?P<sign>[-–—−‐‑\u00ad\uf02d\uf0b7•·●○◦▪■□➢➤►\u27a2✓✔+§]|o(?=\s{{1,4}}[{CAPITALS}]))\s*"
)
_STAR = re.compile(r"^[#>\s]*(?P<sign>\*{1,3}|\(\*{1,3}\))\s*(?=\S)")
_DASHES = "-–—−‐‑\u00ad\uf02d"


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker read at the head of a paragraph.

    Parameters
    ----------
    style : "phan", "chuong", "muc", "dieu", "roman", "upper", "number", "number)", "dotted2" …, "letter",
        "lower-roman", "(number)", "dash", "plus", "star", "dot", "lead" or "annex"
    numbers : values, one per part ("3.1." is 3, 1); empty for bullets
    written : as it stands in the text
    length : letters of the paragraph that belong to the marker
    """

    style: str
    numbers: tuple[int, ...]
    written: str
    length: int

    @property
    def bullet(self) -> bool:
        """Tell whether the marker is a sign without a number."""
        return not self.numbers and self.style not in {"lead", "annex"}

    @property
    def slug(self) -> str:
        """Return the part of a clause id the marker stands for."""
        if self.style == "roman" or self.style == "lower-roman":
            return to_roman(self.numbers[0]).lower()
        if self.style in {"letter", "upper"}:
            letter = LETTERS[self.numbers[0] - 1]
            return letter.upper() if self.style == "upper" else letter
        if self.style in {"phan", "chuong", "muc", "dieu"}:
            return f"{self.style}{self.numbers[0]}"
        return ".".join(str(number) for number in self.numbers)


def to_roman(number: int) -> str:
    """Return a number from 1 to 399 in Roman letters."""
    written = ""
    for value, letters in ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX")):
        while number >= value:
            written, number = written + letters, number - value
    for value, letters in ((5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            written, number = written + letters, number - value
    return written


def from_roman(text: str) -> int | None:
    """Return the value of a Roman number up to XXXIX, or None when it is not one."""
    upper = text.upper()
    if not upper or not _ROMAN.match(upper):
        return None
    values = [_ROMAN_VALUES[letter] for letter in upper]
    return sum(
        -value if position + 1 < len(values) and value < values[position + 1] else value
        for position, value in enumerate(values)
    )


def read_marker(text: str, *, letters_running: int = 0, upper_running: int = 0) -> Marker | None:
    """Read the marker at the head of a paragraph.

    Parameters
    ----------
    text : the paragraph, NFC
    letters_running : value of the last lower-case letter at this place, to tell i) the letter from i) the number
    upper_running : the same for capital letters, to tell "C." and "I." as letters from Roman numbers
    """
    if match := _NAMED.match(text):
        named = _named(match)
        if named is not None:
            return named
    if match := _STAR.match(text):
        emphasis = re.match(r"^\s*\*{1,3}\s*(?:[IVX]{1,5}|\d{1,2}|[a-zđ])\s?[.)/]", text)
        if emphasis is None and not re.match(r"^\s*(\*{2})\S.*\1", text):
            return Marker("star", (), match["sign"], match.end())
    if match := _ROMAN_DOTTED.match(text):
        numbers = (from_roman(match["roman"]) or 0, *(int(part) for part in match["number"].split(".")))
        if all(numbers):
            return _marker(f"dotted{len(numbers)}", numbers, match)
    if match := _ROMAN_MARK.match(text):
        value = from_roman(match["number"])
        running_letter = len(match["number"]) == 1 and _upper_value(match["number"]) == upper_running + 1 > 1
        if value and not running_letter:
            return _marker("roman", (value,), match)
    if (match := _UPPER_MARK.match(text)) and _upper_value(match["number"]):
        return _marker("upper", (_upper_value(match["number"]),), match)
    return _read_number(text) or _read_letter(text, letters_running) or _read_sign(text)


def _read_number(text: str) -> Marker | None:
    if match := _DOTTED.match(text) or _DOTTED_TIGHT.match(text):
        numbers = tuple(int(part) for part in match["number"].split("."))
        if all(numbers):
            return _marker(f"dotted{len(numbers)}", numbers, match)
    if match := _BRACKETED.match(text):
        value = int(match["number"]) if match["number"].isdigit() else from_roman(match["number"])
        if value:
            style = "(number)" if match["number"].isdigit() else "lower-roman"
            return _marker(style, (value,), match)
    if (match := _NUMBER.match(text)) and 0 < int(match["number"]) < 200:
        style = "number)" if match["end"] == ")" else "number"
        return _marker(style, (int(match["number"]),), match)
    return None


def _read_letter(text: str, letters_running: int) -> Marker | None:
    if match := _LETTER.match(text):
        letter = match["number"]
        value = LETTERS.index(letter) + 1
        if letter in "ivx" and not _next_letter(letters_running, value):
            return _marker("lower-roman", (from_roman(letter) or 1,), match)
        return _marker("letter", (value,), match)
    if match := _LOWER_ROMAN.match(text):
        number = from_roman(match["number"])
        if number:
            return _marker("lower-roman", (number,), match)
    return None


def _read_sign(text: str) -> Marker | None:
    if match := _DASH.match(text):
        sign = match["sign"]
        if match.end() >= len(text) or (
            sign in "-–+"
            and text[match.end() : match.end() + 1].isdigit()
            and match.end() == 1
            and not re.match(r"^[-–+]\d+\s?[%\w]*\s+\w", text)
        ):
            return None
        style = "dash" if sign in _DASHES else "plus" if sign == "+" else "dot"
        return Marker(style, (), sign, match.end())
    return None


def _next_letter(running: int, value: int) -> bool:
    """Tell whether a letter may follow the one before it (gaps of two are forgiven; official lettering skips f, j)."""
    return running > 0 and running < value <= running + 4


def _named(match: re.Match[str]) -> Marker | None:
    style = {"phần": "phan", "chương": "chuong", "mục": "muc", "điều": "dieu"}[match["kind"].lower()]
    if match["ordinal"]:
        value = _ORDINALS.get(match["ordinal"].lower())
    else:
        value = int(match["number"]) if match["number"].isdigit() else from_roman(match["number"])
    rest = match.string[match.end() :]
    ends_well = match.group().rstrip(" *_")[-1:] in ".:)/-–" or not rest or rest[:1].isupper()
    if not value or not ends_well:
        return None
    if style == "muc" and not match["kind"].isupper() and match.group().rstrip()[-1:] not in ".:":
        return None
    return _marker(style, (value,), match)


def _marker(style: str, numbers: tuple[int, ...], match: re.Match[str]) -> Marker:
    return Marker(style, numbers, match.group().strip(" \t#>*_\u00a0"), match.end())


def _upper_value(letter: str) -> int:
    return LETTERS.index(letter.lower()) + 1 if letter.lower() in LETTERS else 0


def rank(style: str) -> int:
    """Return how high a style of marker stands; small is high."""
    if style in _RANKS:
        return _RANKS[style]
    return _BULLET if style in {"dash", "plus", "star", "dot"} else _NUMBERED


class Outline:
    """The open clauses from the top down, and where the next marker goes."""

    def __init__(self) -> None:
        self._open: list[tuple[Marker, str]] = []
        self._seen: dict[str, int] = {}

    @property
    def deepest(self) -> str | None:
        """Return the id of the deepest open clause."""
        return self._open[-1][1] if self._open else None

    def running(self, style: str) -> int:
        """Return the last value of this style among the open clauses, 0 when none is open."""
        for marker, _ in reversed(self._open):
            if marker.style == style and marker.numbers:
                return marker.numbers[-1]
        return 0

    def make_room(self, marker: Marker) -> str | None:
        """Close what the marker ends and return the id of its parent."""
        self._seen.setdefault(marker.style, len(self._seen))
        place = self._same_style(marker)
        if place is None:
            place = self._by_rank(marker)
        del self._open[place:]
        return self.deepest

    def push(self, marker: Marker, clause_id: str) -> None:
        """Open a clause."""
        self._open.append((marker, clause_id))

    def close_bullets(self) -> str | None:
        """Close the deepest bullet, so that a paragraph without a marker joins what stands above; return that one.

        A bullet that heads others ("* Đến năm 2025:") stays open.
        """
        if self._open and self._open[-1][0].bullet:
            self._open.pop()
        return self.deepest

    def _same_style(self, marker: Marker) -> int | None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0].style == marker.style:
                return place
        return None

    def _by_rank(self, marker: Marker) -> int:
        own = rank(marker.style)
        if marker.style.startswith("dotted"):
            for place in range(len(self._open) - 1, -1, -1):
                numbers = self._open[place][0].numbers
                if (
                    rank(self._open[place][0].style) == _NUMBERED
                    and numbers == marker.numbers[: len(numbers)]
                ):
                    return place + 1
        for place, (open_marker, _) in enumerate(self._open):
            other = rank(open_marker.style)
            if other > own:
                return place
            if other == own == _RANKS["roman"] and self._seen[open_marker.style] > self._seen[marker.style]:
                return place
            if other == own == _NUMBERED and self._closes(open_marker, marker):
                return place
        return len(self._open)

    @staticmethod
    def _closes(open_marker: Marker, marker: Marker) -> bool:
        """Tell whether a numbered marker stands above or beside an open one of another numbered style.

        A list that begins (1., a)) goes below; one in mid-count whose own beginning is gone stands beside.
        """
        if marker.style.startswith("dotted"):
            return open_marker.style == "letter" or open_marker.style > marker.style
        return marker.numbers[-1] != 1 and marker.style == "number" and open_marker.style != "number"
