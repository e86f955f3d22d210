"""A written place name → the area it means, ranked with reasons: diacritics or none, old and new names, slips."""

from __future__ import annotations

import datetime
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from hatangso.areas.register import Area, Register, national_register
from hatangso.errors import InputError
from hatangso.vietnamese import fold, nfc

# How a kind is written, longest first; the name follows. Compared without case and diacritics.
_KIND_WRITINGS: Mapping[str, tuple[str, ...]] = {
    "thanh pho truc thuoc trung uong": ("Thành phố",),
    "thanh pho": ("Thành phố",), "thi tran": ("Thị trấn",), "thi xa": ("Thị xã",), "dac khu": ("Đặc khu",),
    "phuong": ("Phường",), "huyen": ("Huyện",), "quan": ("Quận",), "tinh": ("Tỉnh",), "xa": ("Xã",),
    "t.p": ("Thành phố",), "tp": ("Thành phố",), "t.x": ("Thị xã",), "tx": ("Thị xã",),
    "t.t": ("Thị trấn",), "tt": ("Thị trấn",), "dk": ("Đặc khu",), "p": ("Phường",), "h": ("Huyện",),
    "q": ("Quận",), "x": ("Xã",), "t": ("Tỉnh",),
}  # fmt: skip
_SHORT = {"t.p", "tp", "t.x", "tx", "t.t", "tt", "dk", "p", "h", "q", "x", "t"}
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
# Other writings of provinces and cities, in folded letters without blanks, dots and hyphens.
_ALIASES: Mapping[str, str] = {
    "hcm": "Hồ Chí Minh", "tphcm": "Hồ Chí Minh", "tphochiminh": "Hồ Chí Minh", "hochiminhcity": "Hồ Chí Minh",
    "saigon": "Hồ Chí Minh", "sg": "Hồ Chí Minh", "hn": "Hà Nội", "brvt": "Bà Rịa - Vũng Tàu",
    "bariavungtau": "Bà Rịa - Vũng Tàu", "tthue": "Thừa Thiên Huế", "tth": "Thừa Thiên Huế",
    "thuathienhue": "Thừa Thiên Huế", "daclac": "Đắk Lắk", "daklak": "Đắk Lắk", "dacnong": "Đắk Nông",
    "daknong": "Đắk Nông", "kontum": "Kon Tum", "baccan": "Bắc Kạn", "dthap": "Đồng Tháp",
    "buonmethuot": "Buôn Ma Thuột", "banmethuot": "Buôn Ma Thuột", "phanrang": "Phan Rang-Tháp Chàm",
    "qtri": "Quảng Trị", "qnam": "Quảng Nam", "qngai": "Quảng Ngãi", "qninh": "Quảng Ninh",
}  # fmt: skip
_LEVEL_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "Tỉnh": ("province",), "Thành phố": ("province", "district"), "Thị xã": ("district",),
    "Huyện": ("district",), "Quận": ("district",), "Phường": ("commune",), "Xã": ("commune",),
    "Thị trấn": ("commune",), "Đặc khu": ("commune",),
}  # fmt: skip
_LEAST_SCORE = 0.35
_SURE_SCORE = 0.9


@dataclass(frozen=True)
class Match:
    """An area that a written name may mean. ``score`` is 0–1; ``why`` are sentences for the reader."""

    area: Area
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    """One piece of a written place: the kind it names ("" if none) and the name as comparable letters."""

    kind: str
    name: str
    written: str


def find(text: str, *, on: datetime.date | None = None, within: str = "", limit: int = 10) -> list[Match]:
    """Return the areas a written place name may mean, best first.

    Each part between commas is read as kind (also abbreviated) and name; the first is the place, the others
    must stand above it, now or before a merger. Diacritics, letters confused by scanners and misspellings
    lower the score a little, a part that stands nowhere above lowers it much. Twins are all returned.

    Parameters
    ----------
    text : "phường Hương Trà, Huế", "TX. Hương Trà", "xa Tan Hung, huyen Hon Quan, tinh Binh Phuoc (cu)"
    on : areas in force on this day come first; without it, areas in force now come slightly first
    within : code of an area the place is known to lie in (the province of the plan), also a former one
    limit : most matches returned

    Returns
    -------
    matches : list of Match, highest score first; empty when nothing resembles the text
    """
    return national_index().find(text, on=on, within=within, limit=limit)


@functools.cache
def national_index() -> PlaceIndex:
    """Return the index over the shipped register."""
    return PlaceIndex(national_register())


class PlaceIndex:
    """All names of a register, ready to be searched."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._areas = [area for area in register.areas if area.level != "other"]
        names = sorted({_letters(area.name) for area in self._areas})
        self._name_number = {name: number for number, name in enumerate(names)}
        self._base, self._marks, self._length = _pack(names)
        self._name_of = np.array([self._name_number[_letters(area.name)] for area in self._areas])
        self._kinds = np.array([area.kind for area in self._areas])
        self._levels = np.array([area.level for area in self._areas])
        self._by_folded: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            self._by_folded.setdefault(fold(name), []).append(number)
        above = _names_above(register, self._areas)
        self._above_start = np.concatenate([[0], np.cumsum([len(codes) for codes in above])])
        flat = [pair for pairs in above for pair in pairs]
        self._above_name = np.array([self._name_number[_letters(name)] for name, _ in flat], dtype=np.int64)
        self._above_code = np.array([code for _, code in flat])
        self._high_names = np.unique(self._above_name)
        self._from = np.array([_day_number(area.valid_from, low=True) for area in self._areas])
        self._until = np.array([_day_number(area.valid_until, low=False) for area in self._areas])

    def find(
        self, text: str, *, on: datetime.date | None = None, within: str = "", limit: int = 10
    ) -> list[Match]:
        """Return the areas a written place name may mean, best first; see :func:`find`."""
        if within and within not in self.register:
            self.register.versions(within)
        former = bool(_FORMER.search(text))
        best: dict[int, tuple[float, tuple[_Part, ...], int]] = {}
        for parts in _readings(text):
            for target in range(len(parts)):
                rows, scores = self._score(parts, target, _Wish(on, within, former))
                scores = scores - 0.3 * target
                for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
                    if score >= _LEAST_SCORE and score > best.get(row, (0.0,))[0]:
                        best[row] = (score, parts, target)
                if best and max(score for score, _, _ in best.values()) >= _SURE_SCORE - 0.3 * target:
                    break
        ranked = sorted(
            best.items(),
            key=lambda item: (-round(item[1][0], 6), self._areas[item[0]].code, -self._from[item[0]]),
        )
        wish = _Wish(on, within, former)
        return [
            Match(
                self._areas[row],
                round(min(1.0, score), 4),
                self._reasons(row, parts, target=target, wish=wish),
            )
            for row, (score, parts, target) in self._newest_first(ranked)[:limit]
        ]

    def _score(self, parts: Sequence[_Part], target: int, wish: _Wish) -> tuple[np.ndarray, np.ndarray]:
        """Return candidate rows and their scores when ``parts[target]`` is the place and later parts lie above."""
        part, above = parts[target], parts[target + 1 :]
        exact = self._by_folded.get(fold(part.name), [])
        context = [self._likeness(other.name, self._high_names) for other in above]
        if exact:
            likeness = self._likeness(part.name, np.array(exact))
            rows = np.flatnonzero(np.isin(self._name_of, exact))
            scores = self._total(rows, likeness[self._name_of[rows]], (part, context), wish)
            if scores.size and scores.max() >= _SURE_SCORE:
                return rows, scores
        likeness = self._likeness(part.name, None)
        rows = np.flatnonzero(likeness[self._name_of] >= 0.6)
        return rows, self._total(rows, likeness[self._name_of[rows]], (part, context), wish)

    def _total(
        self, rows: np.ndarray, likeness: np.ndarray, asked: tuple[_Part, list[np.ndarray]], wish: _Wish
    ) -> np.ndarray:
        part, context = asked
        scores = likeness - 0.012
        levels = _LEVEL_OF_KIND.get(part.kind, ())
        if part.kind:
            same_level = np.isin(self._levels[rows], levels)
            scores = (
                scores
                - np.where(self._kinds[rows] == part.kind, 0.0, np.where(same_level, 0.06, 0.2))
                + 0.012
            )
        else:
            scores = scores - np.select(
                [self._levels[rows] == "province", self._levels[rows] == "district"], [0.0, 0.01], 0.02
            )
        for named in context:
            near = self._best_above(rows, named)
            scores = scores - 0.3 * (1.0 - np.where(near >= 0.6, near, 0.0))
        if wish.within:
            scores = scores - np.where(self._lies_in(rows, wish.within), 0.0, 0.3)
        day = _day_number(wish.on, low=False)
        holds = (
            (self._from[rows] <= day) & (day < self._until[rows]) if wish.on else self._until[rows] == _NEVER
        )
        weight = 0.04 if wish.on else 0.004
        return scores - np.where(holds != wish.former, 0.0, 0.06 if wish.former else weight)

    def _likeness(self, name: str, among: np.ndarray | None) -> np.ndarray:
        """Return how alike ``name`` and each known name are, 0–1; only ``among`` if given."""
        base, marks, length = _pack([name])
        numbers = np.arange(self._length.size) if among is None else among
        result = np.zeros(self._length.size)
        plain = fold(name) == name
        _like(
            base[0, : length[0]],
            marks[0, : length[0]],
            (self._base, self._marks, self._length),
            (numbers, plain, result),
        )
        return result

    def _best_above(self, rows: np.ndarray, likeness: np.ndarray) -> np.ndarray:
        values = np.append(likeness[self._above_name], 0.0)
        starts, ends = self._above_start[rows], self._above_start[rows + 1]
        bounds = np.column_stack([starts, ends]).ravel()
        best = np.maximum.reduceat(values, bounds)[::2] if rows.size else np.zeros(0)
        return np.where(ends > starts, best, 0.0)

    def _lies_in(self, rows: np.ndarray, code: str) -> np.ndarray:
        return np.array(
            [
                self._areas[row].code == code
                or code in self._above_code[self._above_start[row] : self._above_start[row + 1]]
                for row in rows.tolist()
            ],
            dtype=bool,
        )

    def _newest_first(self, ranked: list[tuple[int, tuple]]) -> list[tuple[int, tuple]]:
        """Keep one row for each code and name: the best, so that twins are other places and not other years."""
        seen, kept = set(), []
        for row, found in ranked:
            area = self._areas[row]
            if (area.code, area.kind, area.name) not in seen:
                seen.add((area.code, area.kind, area.name))
                kept.append((row, found))
        return kept

    def _reasons(self, row: int, parts: tuple[_Part, ...], *, target: int, wish: _Wish) -> tuple[str, ...]:
        area, part = self._areas[row], parts[target]
        reasons = [_name_reason(part.name, _letters(area.name), area)]
        if part.kind and part.kind != area.kind:
            reasons.append(f"văn bản ghi '{part.kind.lower()}', danh mục ghi '{area.kind.lower()}'")
        pairs = slice(self._above_start[row], self._above_start[row + 1])
        for other in parts[target + 1 :]:
            likeness = self._likeness(other.name, self._high_names)[self._above_name[pairs]]
            if likeness.size and likeness.max() >= 0.6:
                upper = self.register.versions(str(self._above_code[pairs][int(likeness.argmax())]))[-1]
                ended = (
                    " (trước sáp nhập)"
                    if upper.valid_until and upper.code not in _now_above(self.register, area)
                    else ""
                )
                reasons.append(f"thuộc {upper.full_name}{ended}")
            else:
                reasons.append(f"không thuộc '{other.written}'")
        if area.valid_until:
            reasons.append(
                f"hết hiệu lực từ {area.valid_until:%d/%m/%Y}" + _successor_words(self.register, area)
            )
        elif wish.on and area.valid_from and wish.on < area.valid_from:
            reasons.append(f"chỉ có từ {area.valid_from:%d/%m/%Y}")
        return tuple(reasons)


@dataclass(frozen=True)
class _Wish:
    on: datetime.date | None
    within: str
    former: bool


# ------------------------------------------------------------------------------------------ reading the text
def _readings(text: str) -> list[tuple[_Part, ...]]:
    """Return the ways the text can be cut into parts, most literal first."""
    text = nfc(text).strip()
    if not text:
        raise InputError("Tên địa danh rỗng", expected="tên như 'phường Hương Trà, Huế'")
    text = _FORMER_AT_END.sub(" ", text)
    pieces = [piece for piece in _SEPARATORS.split(text) if piece and piece.strip(" .:-–")]
    cut = [piece for whole in pieces for piece in _INNER_KIND.split(whole)]
    readings = [cut]
    if fold(text) == " ".join(text.casefold().split()):
        readings.append([piece for whole in pieces for piece in _INNER_KIND_BARE.split(whole)])
    if pieces != cut:
        readings.append(pieces)
    found: list[tuple[_Part, ...]] = []
    for reading in readings:
        parts = tuple(part for part in map(_read_part, reading) if part is not None)
        if parts and parts not in found:
            found.append(parts)
    return found


def _read_part(piece: str) -> _Part | None:
    """Return kind and name of one piece, or None for a village, street or bare kind."""
    written = " ".join(piece.split()).strip(" .:-–\"'“”")
    folded = fold(written)
    if len(folded) != len(written):
        folded, written = fold(nfc(written)), nfc(written)
    head = _HEAD.match(folded)
    while head:
        folded, written = folded[head.end() :], written[head.end() :]
        head = _HEAD.match(folded)
    squeezed = re.sub(r"[\s.\-–]", "", folded)
    if squeezed in _ALIASES:
        return _Part("", _letters(_ALIASES[squeezed]), written)
    kind = _KIND.match(folded)
    if kind and folded[kind.end() :].strip():
        key = kind["long"] or kind["short"]
        name = written[kind.end() :].strip(" .:")
        squeezed = re.sub(r"[\s.\-–]", "", fold(name))
        name = _ALIASES.get(squeezed, name)
        return _Part(_KIND_WRITINGS[key][0], _letters(name), written)
    if not folded or _BELOW_COMMUNE.match(folded):
        return None
    return _Part("", _letters(written), written)


_MOVED_TONE = {
    vowel + toned: first + second
    for vowel, second, pairs in (("o", "a", "òaóaỏaõaọa"), ("o", "e", "òeóeỏeõeọe"), ("u", "y", "ùyúyủyũyụy"))
    for first, toned in zip(
        pairs[::2], {"a": "àáảãạ", "e": "èéẻẽẹ", "y": "ỳýỷỹỵ"}[second], strict=True
    )
}  # fmt: skip
_TONE_AT_END = re.compile(r"(?<!q)(" + "|".join(_MOVED_TONE) + r")\b")


@functools.lru_cache(maxsize=65536)
def _letters(name: str) -> str:
    """Return a name as comparable letters: small, old-style tone marks, no punctuation, numbers without zeros."""
    text = nfc(name).casefold()
    text = re.sub(r"[-–'’`.]", " ", text)
    text = re.sub(r"\b0+(?=\d)", "", text)
    text = _TONE_AT_END.sub(lambda found: _MOVED_TONE[found[1]], text)
    return " ".join(text.split())


# --------------------------------------------------------------------------------------------- building it
def _names_above(register: Register, areas: Iterable[Area]) -> list[list[tuple[str, str]]]:
    """Return for each area (name, code) of what stands above it, stood above its predecessors, or will."""
    own = [[(above.name, above.code) for above in _now_above_areas(register, area)] for area in areas]
    of_code: dict[tuple[str, bool], list[tuple[str, str]]] = {}
    for area, pairs in zip(areas, own, strict=True):
        of_code.setdefault((area.code, area.valid_from is None), []).extend(pairs)
    result = []
    for area, pairs in zip(areas, own, strict=True):
        related = list(pairs)
        if area.valid_from is None:
            codes = {change.to_code for change in register.changes_from(area.code)}
            related += [pair for code in codes if code for pair in of_code.get((code, False), [])]
            related += [pair for change in register.changes_from(area.parent_code) if change.to_code
                        for pair in [(_last_name(register, change.to_code), change.to_code)]]  # fmt: skip
        else:
            codes = {change.from_code for change in register.changes_to(area.code)}
            related += [pair for code in codes for pair in of_code.get((code, True), [])]
        for code in {pair[1] for pair in related if len(pair[1]) == 2}:
            related += [(version.name, code) for version in register.versions(code)]
        result.append(sorted(set(related) - {(area.name, area.code)}))
    return result


def _last_name(register: Register, code: str) -> str:
    return register.versions(code)[-1].name


def _now_above_areas(register: Register, area: Area) -> list[Area]:
    above, current = [], register.parent(area)
    while current is not None:
        above.append(current)
        current = register.parent(current)
    return above


def _now_above(register: Register, area: Area) -> set[str]:
    return {above.code for above in _now_above_areas(register, area)}


def _name_reason(written: str, known: str, area: Area) -> str:
    if written == known:
        return f"đúng tên {area.full_name}"
    if fold(written) == fold(known):
        return f"đúng tên {area.full_name} khi bỏ dấu"
    return f"gần giống tên {area.full_name}"


def _successor_words(register: Register, area: Area) -> str:
    after = [
        change
        for change in register.changes_from(area.code)
        if change.on == area.valid_until and change.to_code
    ]
    names = [register.area(change.to_code or "", on=change.on).full_name for change in after]
    if not names or (len(names) == 1 and after[0].to_code == area.code and area.full_name == names[0]):
        return ""
    return ", nay là " + ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


_NEVER = 10**7


def _day_number(day: datetime.date | None, *, low: bool) -> int:
    if day is None:
        return 0 if low else _NEVER
    return day.toordinal()


# --------------------------------------------------------------------------------------------- comparing
_WIDTH = 40
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SHAPES = "\u0302\u0306\u031b"


def _pack(names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return base letters and marks of names as arrays (n, 40) of uint8, and their lengths."""
    base = np.zeros((len(names), _WIDTH), dtype=np.uint8)
    marks = np.zeros((len(names), _WIDTH), dtype=np.uint8)
    length = np.zeros(len(names), dtype=np.int64)
    for row, name in enumerate(names):
        for column, letter in enumerate(name[:_WIDTH]):
            base[row, column], marks[row, column] = _letter_code(letter)
        length[row] = min(len(name), _WIDTH)
    return base, marks, length


@functools.cache
def _letter_code(letter: str) -> tuple[int, int]:
    if letter == "đ":
        return ord("d"), 64
    mark = 0
    for piece in unicodedata.normalize("NFD", letter):
        if piece in _TONES:
            mark += 1 + _TONES.index(piece)
        elif piece in _SHAPES:
            mark += 8 * (1 + _SHAPES.index(piece))
    first = ord(unicodedata.normalize("NFD", letter)[0])
    return (first if first < 256 else 255), mark


def _confusion() -> np.ndarray:
    """Return the cost of reading one base letter for another; pairs scanners confuse cost half."""
    cost = np.ones((256, 256))
    np.fill_diagonal(cost, 0.0)
    for group in ("il1tj", "o0cea", "uvn", "hbk", "gq9", "5s", "8b", "mn", "yv", "rn", "fe"):
        for one in group:
            for other in group:
                if one != other:
                    cost[ord(one), ord(other)] = 0.6
    return cost


_COST = _confusion()


@njit(cache=True)
def _like(base, marks, known, asked):  # type: ignore[no-untyped-def]
    """Fill result[i] with 1 - (edit cost / longer length) for the asked names; transpositions cost 0.8."""
    known_base, known_marks, known_length = known
    numbers, plain, result = asked
    m = base.shape[0]
    previous = np.empty(_WIDTH + 1)
    current = np.empty(_WIDTH + 1)
    older = np.empty(_WIDTH + 1)
    for position in range(numbers.shape[0]):
        row = numbers[position]
        n = known_length[row]
        longest = max(m, n)
        if longest == 0 or abs(m - n) > 0.5 * longest:
            continue
        for j in range(n + 1):
            previous[j] = j
        for i in range(1, m + 1):
            current[0] = i
            for j in range(1, n + 1):
                a, b = base[i - 1], known_base[row, j - 1]
                step = _COST[a, b]
                if a == b and marks[i - 1] != known_marks[row, j - 1]:
                    step = 0.01 if plain else 0.15
                drop = 0.4 if a == 32 else 1.0
                add = 0.4 if b == 32 else 1.0
                best = min(previous[j - 1] + step, previous[j] + drop, current[j - 1] + add)
                if i > 1 and j > 1 and a == known_base[row, j - 2] and base[i - 2] == b:
                    best = min(best, older[j - 2] + 0.8)
                current[j] = best
            for j in range(n + 1):
                older[j] = previous[j]
                previous[j] = current[j]
        result[row] = max(0.0, 1.0 - previous[n] / longest)
