"""How a place is written: pieces between commas, kinds and their abbreviations, former marks, letters to compare."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hatangso.errors import InputError
from hatangso.vietnamese import fold, nfc

# How a kind is written, longest first; the name follows. Compared without case and diacritics.
_KIND_WRITINGS: Mapping[str, str] = {
    "thanh pho truc thuoc trung uong": "Thành phố", "thanh pho": "Thành phố", "thi tran": "Thị trấn",
    "thi xa": "Thị xã", "dac khu": "Đặc khu", "phuong": "Phường", "huyen": "Huyện", "quan": "Quận",
    "tinh": "Tỉnh", "xa": "Xã", "t.p": "Thành phố", "tp": "Thành phố", "t.x": "Thị xã", "tx": "Thị xã",
    "t.t": "Thị trấn", "tt": "Thị trấn", "dk": "Đặc khu", "p": "Phường", "h": "Huyện", "q": "Quận",
    "x": "Xã", "t": "Tỉnh",
}  # fmt: skip
_KIND = re.compile(
    r"^(?:(?P<long>thanh pho truc thuoc trung uong|thanh pho|thi tran|thi xa|dac khu|phuong|huyen|quan|tinh|xa)"
    r"(?:\s*[.:]\s*|\s+|(?=\d))"
    r"|(?P<short>t\.p|tp|t\.x|tx|t\.t|tt|dk|[phqxt])(?:\s*[.:]\s*|\s+|(?=\d)))"
)
# Words before a name that are not part of it.
_HEAD = re.compile(
    r"^(?:uy ban nhan dan|ubnd|hdnd|dia ban|tren dia ban|tai|cac|khu vuc|nay la|truoc day la|truoc day|cu la)\s+"
)
_BELOW_COMMUNE = re.compile(
    r"^(?:thon|ap|soc|bon|buon|ban|lang|phum|to dan pho|tdp|khu pho|kp|khoi pho|khoi|khom|to|xom|so nha|so|duong|pho|"
    r"ngo|hem|quoc lo|tinh lo|khu do thi|khu cong nghiep|kcn|kdt)(?:\s|\.|\d)"
)
_FORMER = re.compile(r"\b(?:cũ|trước đây|trước sáp nhập|cu|truoc day)\b\s*\)?", re.IGNORECASE)
_FORMER_AT_END = re.compile(
    r"\(\s*(?:cũ|trước đây|trước sáp nhập|cu)\s*\)|\s+cũ\s*$|\s+cũ(?=\s*[,;)])", re.IGNORECASE
)
_SEPARATORS = re.compile(r"[,;()\[\]/|\n]|\bthuộc\b|\bcủa\b|\bthuoc\b|\s[–—]\s")
# Where a written-out kind begins a new part inside one: "xã Tân Hưng huyện Hớn Quản tỉnh Bình Phước".
_INNER_KIND = re.compile(
    r"(?<=\S)\s+(?=(?:tỉnh|thành phố|huyện|quận|thị xã|phường|thị trấn|xã|đặc khu|tp\.?|tx\.?)\s)",
    re.IGNORECASE,
)
_INNER_KIND_BARE = re.compile(
    r"(?<=\S)\s+(?=(?:tinh|thanh pho|huyen|quan|thi xa|phuong|thi tran|xa|dac khu|tp\.?|tx\.?)\s)",
    re.IGNORECASE,
)
# Without diacritics only words that are rarely part of a name begin a new part: not quan (Quản), xa, phuong.
_INNER_KIND_SURE = re.compile(
    r"(?<=\S)\s+(?=(?:tinh|thanh pho|huyen|thi xa|thi tran|tp\.?|tx\.?)\s)", re.IGNORECASE
)
# Other writings of provinces and cities, in folded letters without blanks, dots and hyphens.
_ALIASES: Mapping[str, str] = {
    "hcm": "Hồ Chí Minh", "tphcm": "Hồ Chí Minh", "tphochiminh": "Hồ Chí Minh", "hochiminhcity": "Hồ Chí Minh",
    "saigon": "Hồ Chí Minh", "sg": "Hồ Chí Minh", "hn": "Hà Nội", "brvt": "Bà Rịa - Vũng Tàu",
    "bariavungtau": "Bà Rịa - Vũng Tàu", "tthue": "Thừa Thiên Huế", "tth": "Thừa Thiên Huế",
    "thuathienhue": "Thừa Thiên Huế", "daclac": "Đắk Lắk", "daklak": "Đắk Lắk", "dacnong": "Đắk Nông",
    "daknong": "Đắk Nông", "kontum": "Kon Tum", "baccan": "Bắc Kạn", "dthap": "Đồng Tháp",
    "buonmethuot": "Buôn Ma Thuột", "banmethuot": "Buôn Ma Thuột",
    "qtri": "Quảng Trị", "qnam": "Quảng Nam", "qngai": "Quảng Ngãi", "qninh": "Quảng Ninh",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One piece of a written place: the kind it names ("" if none) and the name as comparable letters."""

    kind: str
    name: str
    written: str


def is_former(text: str) -> bool:
    """Say whether the writer marked the place as a former one: "(cũ)", "trước đây"."""
    return bool(_FORMER.search(text))


def readings(text: str, known: Collection[str]) -> list[tuple[Part, ...]]:
    """Return the ways a written place can be cut into parts, most literal first.

    Parameters
    ----------
    text : the place as written
    known : folded names of areas; "Sóc Trăng" is a province and no sóc, "Quan Bạ" may be no quận

    Raises
    ------
    InputError
        for an empty text.
    """
    # A mark that stands alone belongs to no letter: scanners leave them behind.
    text = "".join(letter for letter in nfc(text) if not unicodedata.combining(letter)).strip()
    if not text:
        raise InputError("Tên địa danh rỗng", expected="tên như 'phường Hương Trà, Huế'")
    text = _FORMER_AT_END.sub(" ", text)
    pieces = [piece for piece in _SEPARATORS.split(text) if piece and piece.strip(" .:-–")]
    cuts = [[piece for whole in pieces for piece in _INNER_KIND.split(whole)]]
    if fold(text) == " ".join(text.casefold().split()):
        cuts.append([piece for whole in pieces for piece in _INNER_KIND_BARE.split(whole)])
        cuts.append([piece for whole in pieces for piece in _INNER_KIND_SURE.split(whole)])
    if pieces not in cuts:
        cuts.append(pieces)
    found: dict[tuple[Part, ...], None] = {}
    for cut in cuts:
        options = [option for option in (_read_part(piece, known) for piece in cut) if option]
        for parts in itertools.islice(itertools.product(*options), 4):
            if parts:
                found[parts] = None
    return list(found)


def _read_part(piece: str, known: Collection[str]) -> list[Part]:
    """Return how one piece may be read, likeliest first; nothing for a village, a street or a bare kind."""
    written = " ".join(piece.split()).strip(" .:-–\"'“”")
    folded = fold(written)
    head = _HEAD.match(folded)
    while head and len(folded) == len(written):
        folded, written = folded[head.end() :], written[head.end() :]
        head = _HEAD.match(folded)
    squeezed = re.sub(r"[\s.\-–]", "", folded)
    if squeezed in _ALIASES:
        return [Part("", comparable(_ALIASES[squeezed]), written)]
    options = []
    kind = _KIND.match(folded)
    if kind and len(folded) == len(written) and folded[kind.end() :].strip(" .:"):
        name = written[kind.end() :].strip(" .:")
        of_kind = _KIND_WRITINGS[kind["long"] or kind["short"]]
        if of_kind in {"Tỉnh", "Thành phố"}:
            name = _ALIASES.get(re.sub(r"[\s.\-–]", "", fold(name)), name)
        options.append(Part(of_kind, comparable(name), written))
    bare = comparable(written)
    if bare and (fold(bare) in known or not (kind or _BELOW_COMMUNE.match(folded))):
        options.append(Part("", bare, written))
    return options


_MOVED_TONE = {
    vowel + toned: first + second
    for vowel, second, pairs in (("o", "a", "òaóaỏaõaọa"), ("o", "e", "òeóeỏeõeọe"), ("u", "y", "ùyúyủyũyụy"))
    for first, toned in zip(
        pairs[::2], {"a": "àáảãạ", "e": "èéẻẽẹ", "y": "ỳýỷỹỵ"}[second], strict=True
    )
}  # fmt: skip
_TONE_AT_END = re.compile(r"(?<!q)(" + "|".join(_MOVED_TONE) + r")\b")


@functools.lru_cache(maxsize=65536)
def comparable(name: str) -> str:
    """Return a name as comparable letters: small, old-style tone marks, no punctuation, numbers without zeros."""
    text = nfc(name).casefold()
    text = re.sub(r"[-–'’`.]", " ", text)
    text = re.sub(r"\b0+(?=\d)", "", text)
    text = _TONE_AT_END.sub(lambda found: _MOVED_TONE[found[1]], text)
    return " ".join(text.split())
