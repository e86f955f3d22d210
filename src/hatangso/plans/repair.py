"""Mend what scanners and web pages did to a text, letter by letter traceable to the original."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from hatangso.plans.document import Piece
from hatangso.plans.vocabulary import word_list

_BOOKMARK = re.compile(r"\[\s*bookmark\s*:[^\]\n]{0,80}\]", re.IGNORECASE)
_PICTURE = re.compile(r"!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)")
_LINK = re.compile(r"\[(?P<words>[^\[\]\n]{1,300})\]\((?:https?:|/|#)[^)\n]{0,500}\)")
_HASHES = re.compile(r"\A\s*#{1,6}\s+")
_BREAKING_TAG = re.compile(r"</?(?:li|ul|ol|br|p|div|tr)\b[^<>\n]{0,300}/?>", re.IGNORECASE)
_OTHER_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,11}(?:\s[^<>\n]{0,300})?/?>")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|[a-zA-Z]{2,8});")
_STARS = re.compile(r"(?<!\d)\*+|\*+(?!\d)")
_UNDERLINES = re.compile(r"(?<!\w)__+|__+(?!\w)")
_ESCAPED = re.compile(r"\\(?=[-.()\[\]*_#+>!|])")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffc\x00-\x08\x0e-\x1f\x7f]+")
_BLANKS = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_LINE_ENDS = re.compile("\r\n?|[\v\f\x1c-\x1f\x85\u2028\u2029]")
_ANY_BREAK = re.compile(r"\s*\n\s*")
_BREAKS = re.compile(r" ?\n[ \n]*")


class Traced:
    """A text each letter of which knows the span of the source it came from."""

    __slots__ = ("ends", "starts", "text")

    def __init__(self, text: str, starts: list[int], ends: list[int]) -> None:
        self.text, self.starts, self.ends = text, starts, ends

    @classmethod
    def of(cls, source: str, start: int, end: int) -> Traced:
        """Return ``source[start:end]`` in NFC, traced."""
        raw = source[start:end]
        if unicodedata.is_normalized("NFC", raw):
            return cls(raw, list(range(start, end)), list(range(start + 1, end + 1)))
        letters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        while position < len(raw):
            after = position + 1
            while after < len(raw) and unicodedata.combining(raw[after]):
                after += 1
            composed = unicodedata.normalize("NFC", raw[position:after])
            letters.append(composed)
            starts += [start + position] * len(composed)
            ends += [start + after] * len(composed)
            position = after
        text = "".join(letters)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
            starts, ends = [start] * len(text), [end] * len(text)
        return cls(text, starts, ends)

    @classmethod
    def join(cls, parts: Iterable[Traced], between: str = " ") -> Traced:
        """Return the parts one after the other with ``between`` in the gaps."""
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for part in parts:
            if text and part.text:
                text.append(between)
                starts += [ends[-1]] * len(between)
                ends += [max(part.starts[0], ends[-1])] * len(between)
            text.append(part.text)
            starts += part.starts
            ends += part.ends
        return cls("".join(text), starts, ends)

    def replace(self, pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str]) -> Traced:
        """Return the text with every match replaced; letters of a replacement of equal length keep their place."""
        matches = list(pattern.finditer(self.text))
        if not matches:
            return self
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for match in matches:
            before, after = match.span()
            written = new if isinstance(new, str) else new(match)
            text += [self.text[position:before], written]
            starts += self.starts[position:before]
            ends += self.ends[position:before]
            if len(written) == after - before:
                starts += self.starts[before:after]
                ends += self.ends[before:after]
            elif written:
                starts += [self.starts[before]] * len(written)
                ends += [self.ends[after - 1]] * len(written)
            position = after
        text.append(self.text[position:])
        starts += self.starts[position:]
        ends += self.ends[position:]
        return Traced("".join(text), starts, ends)

    def cut(self, start: int, end: int) -> Traced:
        """Return ``text[start:end]``."""
        return Traced(self.text[start:end], self.starts[start:end], self.ends[start:end])

    def strip(self) -> Traced:
        """Return the text without white space around it."""
        start = len(self.text) - len(self.text.lstrip())
        return self.cut(start, max(len(self.text.rstrip()), start))

    def pieces(self) -> tuple[Piece, ...]:
        """Return the runs that map letter by letter, and the replaced bits between them."""
        found: list[Piece] = []
        begin = 0
        for at in range(1, len(self.text) + 1):
            if at < len(self.text) and self._continues(begin, at):
                continue
            found.append(Piece(begin, at, self.starts[begin], self.ends[at - 1]))
            begin = at
        return tuple(found)

    def _continues(self, begin: int, at: int) -> bool:
        if self.starts[at] == self.starts[at - 1] and self.ends[at] == self.ends[at - 1]:
            return self.starts[begin] == self.starts[at]
        single = self.ends[at - 1] - self.starts[at - 1] == 1 and self.ends[at] - self.starts[at] == 1
        return (
            single
            and self.starts[at] == self.ends[at - 1]
            and self.starts[at] - self.starts[begin] == at - begin
        )


@dataclass(frozen=True)
class RepairBook:
    """Known slips and what was meant; neither side holds a digit, so no number can change."""

    pattern: re.Pattern[str]
    meant: dict[str, str]
    spaced: re.Pattern[str]

    def mend(self, traced: Traced) -> tuple[Traced, int]:
        """Return the mended text and the number of slips mended."""
        count = 0

        def put_right(match: re.Match[str]) -> str:
            nonlocal count
            count += 1
            written = match.group()
            right = self.meant[" ".join(written.casefold().split())]
            if written.isupper():
                return right.upper()
            return right[0].upper() + right[1:] if written[0].isupper() else right

        def close_up(match: re.Match[str]) -> str:
            nonlocal count
            words = match.lastgroup or ""
            closed = _CLOSED[words]
            count += match.group() != closed
            return closed

        traced = traced.replace(self.pattern, put_right)
        if self.spaced.search(traced.text):
            traced = traced.replace(self.spaced, close_up)
        return traced, count


def _star(match: re.Match[str]) -> str:
    """Return nothing for the stars of emphasis; stars that stand before a paragraph as its bullet stay."""
    text = match.string
    opens = not text[: match.start()].strip() and text[match.end() : match.end() + 1].isspace()
    return match.group() if opens else ""


def _entity(match: re.Match[str]) -> str:
    """Return what an entity stands for; "KH&CN;" is none and stays."""
    written = match.group()
    meant = html.unescape(written)
    return meant if meant == written or len(meant) == 1 else written


# Titles whose letters a scanner likes to part ("QUY ẾT Đ ỊNH").
_CLOSED = {
    "committee": "ỦY BAN NHÂN DÂN",
    "decision": "QUYẾT ĐỊNH",
    "plan": "KẾ HOẠCH",
    "annex": "PHỤ LỤC",
    "goals": "MỤC TIÊU",
    "organisation": "TỔ CHỨC THỰC HIỆN",
}


@cache
def repair_book() -> RepairBook:
    """Return the repair dictionary of ``words/repair.yml``.

    Raises
    ------
    ValueError
        when an entry holds a digit: a repair must never change a number.
    """
    meant: dict[str, str] = {}
    for wrong, right in word_list("repair")["slips"].items():
        if any(letter.isdigit() for letter in wrong + right):
            raise ValueError(f"repair.yml: '{wrong}' holds a digit")
        meant[unicodedata.normalize("NFC", wrong).casefold()] = unicodedata.normalize("NFC", right)
    longest_first = sorted(meant, key=len, reverse=True)
    alternatives = "|".join(r"\s+".join(map(re.escape, wrong.split())) for wrong in longest_first)
    spaced = "|".join(
        f"(?P<{name}>" + r"[^\S\n]?".join(re.escape(letter) for letter in words.replace(" ", "")) + ")"
        for name, words in _CLOSED.items()
    )
    return RepairBook(
        re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE),
        meant,
        re.compile(rf"(?<!\w)(?:{spaced})(?!\w)"),
    )


def clean(traced: Traced, *, keep_breaks: bool = False) -> Traced:
    """Return the text without web and Markdown marks, entities and doubled blanks.

    ``keep_breaks`` turns list and line-break tags into line ends (in table cells) instead of blanks.
    """
    text = traced.text
    if "[" in text:
        traced = (
            traced.replace(_BOOKMARK, "").replace(_PICTURE, "").replace(_LINK, lambda match: match["words"])
        )
    if "<" in text:
        traced = traced.replace(_BREAKING_TAG, "\n").replace(_OTHER_TAG, "")
    if "&" in text:
        traced = traced.replace(_ENTITY, _entity)
    if "*" in text:
        traced = traced.replace(_STARS, _star)
    if text.lstrip().startswith("#"):
        traced = traced.replace(_HASHES, "")
    if "__" in text:
        traced = traced.replace(_UNDERLINES, "")
    if "\\" in text:
        traced = traced.replace(_ESCAPED, "")
    traced = traced.replace(_UNSEEN, "").replace(_LINE_ENDS, "\n")
    if not keep_breaks:
        traced = traced.replace(_ANY_BREAK, " ")
    traced = traced.replace(_BLANKS, " ")
    if keep_breaks:
        traced = traced.replace(_BREAKS, "\n")
    return traced.strip()
