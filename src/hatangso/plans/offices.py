"""Names of offices in the words of a plan: recognising one, parting a list of them."""

from __future__ import annotations

import re
from functools import cache

from hatangso.plans.vocabulary import word_list
from hatangso.vietnamese import fold, fold_same_length, nfc

_AT_OUTSIDE = re.compile(r"[;\n]")
# Verbs in small letters end a name; "Sở Xây dựng" and "các cơ quan, tổ chức" keep theirs.
_VERBS = re.compile(
    r"\b(?:chủ trì|có trách nhiệm|chịu trách nhiệm|phối hợp|tham mưu|là (?:cơ quan|đơn vị|đầu mối)|căn cứ|"
    r"tổ chức (?:triển khai|thực hiện|tuyên truyền|quán triệt|kiểm tra|xây dựng|phổ biến)|triển khai|thực hiện|xây dựng|hướng dẫn|"
    r"tiếp tục|tăng cường|chủ động|đẩy mạnh|bố trí|cân đối|trên cơ sở|theo chức năng|rà soát|báo cáo|tổng hợp|theo dõi|"
    r"bảo đảm|đảm bảo|tuyên truyền|phát huy|vận động|ban hành|cử|lồng ghép|kiểm tra|thẩm định|đề xuất|giúp|nghiên cứu)\b"
)


@cache
def _beginning() -> re.Pattern[str]:
    listed = sorted(word_list("offices")["beginnings"], key=len, reverse=True)
    return re.compile(r"(?:" + "|".join(re.escape(words) for words in listed) + r")(?![a-z0-9])")


@cache
def _lead_in() -> re.Pattern[str]:
    listed = sorted(word_list("offices")["lead_ins"], key=len, reverse=True)
    return re.compile(r"(?:(?:" + "|".join(re.escape(words) for words in listed) + r")\s+)+")


def begins_with_office(text: str) -> bool:
    """Tell whether ``text`` begins with the name of an office ("Sở …", "UBND các xã", "Các doanh nghiệp …")."""
    return _beginning().match(fold(text)) is not None


def office_of_heading(text: str) -> tuple[str, str] | None:
    """Return the office a heading or sentence begins with, and what is left after it; None when it names none.

    "Giao Sở Tài chính chủ trì, …" gives ("Sở Tài chính", "chủ trì, …"); "Phòng Kinh tế: Tham mưu …" gives
    ("Phòng Kinh tế", "Tham mưu …").
    """
    text = nfc(text).strip()
    folded = fold_same_length(text)
    lead = _lead_in().match(folded)
    start = lead.end() if lead else 0
    if not _beginning().match(folded, start):
        return None
    body = text[start:]
    colon = re.search(r":\s+|:$", body)
    verb = _VERBS.search(body)
    ends = [len(body)]
    if colon and not re.match(r"(?:Các )?[Ss]ở$", body[: colon.start()].strip()):
        ends.append(colon.start())
    if verb and verb.start() > 0:
        ends.append(verb.start())
    end = min(ends)
    if end > 330:
        return None
    rest = body[end:].lstrip(" :,.-–")
    return body[:end].strip(" :;,.-–"), rest


def part_offices(text: str) -> list[str]:
    """Return the offices listed in a cell or phrase.

    Semicolons and line ends part them; a comma does only before a new office with a capital ("Sở A, Sở B"), so
    that "UBND các huyện, thành phố Gia Nghĩa" and "Các Sở, ban, ngành" stay whole. Brackets are not opened.
    After "Các Sở: A; B" the bare names are given their "Sở".
    """
    parts = [part for piece in _outside_brackets(text) for part in _at_commas(piece)]
    found: list[str] = []
    family = ""
    for part in parts:
        part = re.sub(r"^[-–+•*\s]+|[\s.,;:]+$", "", part).strip()
        if not part:
            continue
        named = re.match(r"(?:Các|các)\s+(Sở|sở|Phòng|phòng)(?:\s*,[^:]*)?:\s*\S", part)
        if named:
            family = named[1].capitalize() + " "
        elif family and not begins_with_office(part):
            part = family + part
        else:
            family = ""
        found.append(part)
    return found


def _outside_brackets(text: str) -> list[str]:
    pieces, depth, begin = [], 0, 0
    for at, letter in enumerate(text):
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth = max(depth - 1, 0)
        elif depth == 0 and _AT_OUTSIDE.match(letter):
            pieces.append(text[begin:at])
            begin = at + 1
    pieces.append(text[begin:])
    return pieces


def _at_commas(text: str) -> list[str]:
    parts, begin = [], 0
    for match in re.finditer(r",\s+", text):
        rest = text[match.end() :]
        inside = text[begin : match.start()]
        if inside.count("(") > inside.count(")"):
            continue
        if re.match(r"\w+(?:,|$| ngành)", rest):
            continue
        if rest[:1].isupper() and begins_with_office(rest) and begins_with_office(inside):
            parts.append(inside)
            begin = match.end()
    parts.append(text[begin:])
    return parts
