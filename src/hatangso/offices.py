"""Offices that live in time: a written office → which one it is, and who holds its duties on a day."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from hatangso.areas import lineage
from hatangso.areas.register import national_register
from hatangso.errors import InputError
from hatangso.lawfiles import read_entries
from hatangso.vietnamese import fold, fold_same_length, nfc

_LEVEL_ORDER = ("central", "province", "district", "commune", "any")


@dataclass(frozen=True)
class Handover:
    """Who took over an office's duties: since when, by which act, which part (empty = all)."""

    office: str
    since: date
    act: str
    part_vi: str = ""
    unverified: str = ""


@dataclass(frozen=True)
class Ending:
    """An office ended and nobody took its duties as a whole; ``nearest`` is where to ask first."""

    day: date
    act: str
    reason_vi: str
    nearest: str
    unverified: str = ""


@dataclass(frozen=True)
class Office:
    """An office in one stretch of time; its first name is the one it is called by."""

    code: str
    level: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    valid_from: date
    valid_until: date | None = None
    successors: tuple[Handover, ...] = ()
    ended: Ending | None = None
    unverified: str = ""

    @property
    def name(self) -> str:
        """The name it is called by."""
        return self.names[0]

    def in_force(self, on: date) -> bool:
        """Say whether it existed on the day ``on``."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True)
class Match:
    """An office found in a text: ``start`` and ``end`` are offsets in the text's NFC form.

    ``score`` is 1 for a name in full, 0.9 for an abbreviation, less for a near spelling.
    """

    office: Office
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Holder:
    """Who holds the duties: ``since`` and ``act`` of the last handover (None: it always did, as far as known).

    ``places`` are the areas whose office it is now, when an area was given. ``part_vi`` names the part of the
    duties that went there; empty = all.
    """

    office: Office
    since: date | None = None
    act: str | None = None
    part_vi: str = ""
    places: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the office."""
        return self.office.name


@dataclass(frozen=True)
class Holding:
    """The answer to "who holds it now": the holder, or None with the reason and the ``nearest`` office.

    ``others`` took a part of the duties beside the holder (press went elsewhere than telecoms).
    """

    holder: Holder | None
    reason_vi: str
    others: tuple[Holder, ...] = ()
    nearest: Holder | None = None


def all_offices(*, on: date | None = None) -> tuple[Office, ...]:
    """Return the offices known, all or those that existed on a day."""
    return tuple(office for office in _offices().values() if on is None or office.in_force(on))


def office(code: str) -> Office:
    """Return an office by its code, or raise :class:`InputError` naming near codes."""
    found = _offices().get(code)
    if found is None:
        near = difflib.get_close_matches(code, list(_offices()), n=3)
        raise InputError(
            f"Cơ quan '{code}'",
            found="không có trong danh mục",
            expected="một mã như province_science",
            remedy="Có thể là: " + ", ".join(near) if near else "",
        )
    return found


def find(text: str, *, on: date | None = None, level: str | None = None) -> list[Match]:
    """Find every office named in a text, longest name first at each place; case and diacritics do not matter.

    Abbreviations are read ("Sở TT&TT", "Phòng VHTT", "VP UBND", "UBND các huyện, TP"). When several offices
    bear the same name (Phòng Kinh tế of a district and of a commune) all are returned for the same span, those
    that existed ``on`` the day first, then those of the ``level`` asked for.

    Parameters
    ----------
    text : a name, a cell of a table or a sentence
    on : the day of the text; orders twins, hides nobody
    level : ``central``, ``province``, ``district`` or ``commune``; orders twins, hides nobody

    Returns
    -------
    Matches in order of place. Without an exact one, a short text is compared by spelling and the near ones
    (score below 0.9) are returned over the whole text. In a list the head is said once and goes on: "các Sở:
    Kế hoạch và Đầu tư, Tài chính" names two.
    """
    written = nfc(text)
    tokens = _tokens(written)
    found: list[Match] = []
    place, head = 0, ""
    while place < len(tokens):
        length, codes = _longest(tokens, place)
        if not length and head and _SEPARATOR.search(written[tokens[place - 1].end : tokens[place].start]):
            length, codes = _longest([_Token(head, 0, 0), *tokens[place : place + _longest_form()]], 0)
            length = max(length - 1, 0)
        elif length:
            head = tokens[place].word if tokens[place].word in _HEADS else ""
        if not length:
            place, head = place + 1, ""
            continue
        start, end = tokens[place].start, tokens[place + length - 1].end
        twins = [Match(_offices()[code], start, end, score) for code, score in codes.items()]
        found += sorted(twins, key=lambda match: _rank(match, on, level))
        place += length
    return found or _near(written, tokens, on, level)


def holder(wanted: Office | str, *, on: date, area: str | None = None) -> Holding:
    """Say who holds an office's duties on a day, following every handover, or that nobody does and why.

    Parameters
    ----------
    wanted : an office or its code
    on : the day asked about
    area : code of the area whose office it was; its successors on the day are named in ``places``
    """
    asked = office(wanted) if isinstance(wanted, str) else wanted
    if on < asked.valid_from:
        return Holding(
            None, f"{asked.name} chưa thành lập vào ngày {on:%d/%m/%Y} (có từ {asked.valid_from:%d/%m/%Y})."
        )
    reached = _follow(Holder(asked, unverified=_reasons(asked.unverified)), on)
    if isinstance(reached, Ending):
        return _nobody(asked, reached, on, area)
    placed = tuple(_placed(step, area, on) for step in reached)
    first = placed[0]
    if first.office.code == asked.code:
        return Holding(first, f"{asked.name} vẫn hoạt động vào ngày {on:%d/%m/%Y}.")
    return Holding(first, _handover_words(asked, first), others=placed[1:])


def _nobody(asked: Office, ending: Ending, on: date, area: str | None) -> Holding:
    nearest_office = office(ending.nearest)
    nearest = Holder(nearest_office, ending.day, ending.act, unverified=_reasons(ending.unverified))
    reached = _follow(nearest, on)
    nearest = _placed(nearest if isinstance(reached, Ending) else reached[0], area, on)
    reason = (
        f"{asked.name}: {ending.reason_vi} ({ending.act}); không có cơ quan nào nhận toàn bộ nhiệm vụ. "
        f"Gần nhất: {nearest.name} (chưa kiểm chứng: {'; '.join(nearest.unverified)})."
    )
    return Holding(None, reason, nearest=nearest)


def _handover_words(asked: Office, first: Holder) -> str:
    since = f"từ {first.since:%d/%m/%Y}" if first.since else ""
    part = f" (phần {first.part_vi})" if first.part_vi else ""
    return f"{asked.name} đã chuyển cho {first.name}{part} {since}, {first.act}."


def _follow(step: Holder, on: date) -> tuple[Holder, ...] | Ending:
    """Follow the handovers up to a day: the main line first, then those who took a part."""
    current = step.office
    if current.in_force(on):
        return (step,)
    if current.ended and current.ended.day <= on:
        return current.ended
    lines: list[Holder] = []
    ending: Ending | None = None
    for handover in current.successors:
        following = Holder(
            office(handover.office),
            handover.since,
            handover.act,
            handover.part_vi or step.part_vi,
            unverified=(*step.unverified, *_reasons(handover.unverified)),
        )
        reached = _follow(following, on)
        if isinstance(reached, Ending):
            ending = ending or reached
        else:
            lines += reached
    return tuple(lines) if lines or ending is None else ending


def _placed(step: Holder, area: str | None, on: date) -> Holder:
    """Name the areas whose office holds the duties now."""
    if area is None:
        return step
    register = national_register()
    versions = register.versions(area)
    standing = next((version for version in versions if version.is_in_force(on)), None)
    if standing:
        today = [standing]
    else:
        last = [version for version in versions if version.valid_until and version.valid_until <= on]
        if not last or last[-1].valid_until is None:
            return step
        since = last[-1].valid_until - timedelta(days=1)
        today = [relative.area for relative in lineage.successors(register, area, since=since, to=on)]
    if step.office.level == "province":
        above = [register.ancestors(place.code, on=on) for place in today if place.level != "province"]
        today = [place for place in today if place.level == "province"] + [
            chain[-1] for chain in above if chain
        ]
    places = tuple(dict.fromkeys(place.full_name for place in today if place.level == step.office.level))
    return Holder(step.office, step.since, step.act, step.part_vi, places, step.unverified)


def _reasons(reason: str) -> tuple[str, ...]:
    return (reason,) if reason else ()


@lru_cache(maxsize=1)
def _offices() -> Mapping[str, Office]:
    found = {}
    for entry in read_entries("offices"):
        ended = entry.get("ended")
        found[entry["code"]] = Office(
            code=entry["code"],
            level=entry["level"],
            names=tuple(entry["names"]),
            words=tuple(entry.get("words", ())),
            valid_from=entry["from"],
            valid_until=entry.get("until"),
            successors=tuple(Handover(**handover) for handover in entry.get("successors", ())),
            ended=Ending(**ended) if ended else None,
            unverified=entry.get("unverified", ""),
        )
    return MappingProxyType(found)


@dataclass(frozen=True)
class _Token:
    """A word of the text with where it stands; an abbreviation gives several words of the same place."""

    word: str
    start: int
    end: int


_WORD = re.compile(r"[a-z0-9]+")
_SEPARATOR = re.compile(r"^\s*[,;]\s*$|^\s*,?\s+và\s+$|^\s*&\s*$")
_SILENT = {"va", "cac", "cua"}
_SPELLED = {
    "ubnd": ("uy", "ban", "nhan", "dan"),
    "hdnd": ("hoi", "dong", "nhan", "dan"),
    "vp": ("van", "phong"),
    "bql": ("ban", "quan", "ly"),
    "dn": ("doanh", "nghiep"),
    "kcn": ("khu", "cong", "nghiep"),
    "kkt": ("khu", "kinh", "te"),
    "tp": ("thanh", "pho"),
    "tx": ("thi", "xa"),
}
_HEADS = {"so", "phong", "bo"}


def _tokens(text: str) -> list[_Token]:
    folded = fold_same_length(text)
    tokens = []
    for match in _WORD.finditer(folded):
        word = match.group()
        if word in _SILENT:
            continue
        if word == "p" and folded[match.end() : match.end() + 1] == ".":
            word = "phong"
        tokens += [_Token(part, match.start(), match.end()) for part in _SPELLED.get(word, (word,))]
    return tokens


@lru_cache(maxsize=1)
def _forms() -> Mapping[tuple[str, ...], Mapping[str, float]]:
    """Return every way to write an office, as words, with the offices it may mean and how sure that is."""
    forms: dict[tuple[str, ...], dict[str, float]] = {}
    for code, known in _offices().items():
        written = [(name, 1.0) for name in known.names] + [(word, 0.9) for word in known.words]
        for text, score in written:
            words = tuple(token.word for token in _tokens(text))
            forms.setdefault(words, {}).setdefault(code, score)
        for name in known.names:
            for form in _initials(name):
                forms.setdefault(form, {}).setdefault(code, 0.9)
    return MappingProxyType(forms)


@lru_cache(maxsize=1)
def _longest_form() -> int:
    return max(len(form) for form in _forms())


def _initials(name: str) -> Iterator[tuple[str, str]]:
    """Yield the abbreviation of a name with a head: "Sở Thông tin và Truyền thông" → ``so tttt``."""
    head, *rest = fold(name).split()
    if head in _HEADS and rest:
        yield head, "".join(word[0] for word in rest if word not in _SILENT and word[0].isalpha())


def _longest(tokens: Sequence[_Token], place: int) -> tuple[int, Mapping[str, float]]:
    most = min(_longest_form(), len(tokens) - place)
    for length in range(most, 0, -1):
        words = tuple(token.word for token in tokens[place : place + length])
        codes = _forms().get(words)
        if codes:
            spelled = length, codes
            break
    else:
        spelled = 0, {}
    return max(spelled, _longest_abbreviation(tokens, place), key=lambda found: found[0])


def _longest_abbreviation(tokens: Sequence[_Token], place: int) -> tuple[int, Mapping[str, float]]:
    """Read a head with letters in pieces: "Sở VHTT&DL", "Sở LĐ-TB&XH" are ``so vhttdl``, ``so ldtbxh``."""
    if tokens[place].word not in _HEADS:
        return 0, {}
    for length in range(min(5, len(tokens) - place), 1, -1):
        letters = "".join(token.word for token in tokens[place + 1 : place + length])
        codes = _forms().get((tokens[place].word, letters))
        if codes:
            return length, codes
    return 0, {}


def _rank(match: Match, on: date | None, level: str | None) -> tuple[bool, bool, float, int]:
    known = match.office
    return (
        on is not None and not known.in_force(on),
        level is not None and known.level != level,
        -match.score,
        _LEVEL_ORDER.index(known.level),
    )


def _near(text: str, tokens: Sequence[_Token], on: date | None, level: str | None) -> list[Match]:
    """Compare a short text by spelling with every way to write an office."""
    if not 2 <= len(tokens) <= 14:
        return []
    asked = " ".join(token.word for token in tokens)
    words = set(asked.split())
    spelled = {
        " ".join(form): codes
        for form, codes in _forms().items()
        if len(form) > 2 and 2 * len(words.intersection(form)) >= len(form)
    }
    found: dict[str, float] = {}
    for form in difflib.get_close_matches(asked, list(spelled), n=5, cutoff=0.85):
        closeness = difflib.SequenceMatcher(None, asked, form).ratio()
        for code, score in spelled[form].items():
            found[code] = max(found.get(code, 0.0), round(closeness * score * 0.89, 3))
    start, end = tokens[0].start, tokens[-1].end
    matches = [Match(_offices()[code], start, end, score) for code, score in found.items()]
    return sorted(matches, key=lambda match: (-match.score, *_rank(match, on, level)))
