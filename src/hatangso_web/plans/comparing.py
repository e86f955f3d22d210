"""How the findings of an amended version stand to those of the former one: same, changed, new, gone."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from hatangso.vietnamese import fold

# Below this likeness two sentences are held to be different things (share of words in common order, 0 to 1).
LIKE_ENOUGH = 0.6
_SAME_CLAUSE = 0.1
_SAME_SUBJECT = 0.2


@dataclass(frozen=True)
class Read:
    """What is compared: its kind, clause, sentence and value; ``key`` tells the caller which one it is.

    ``said`` is what people see of the value; where it is given, only a difference in it is a difference.
    """

    key: int
    kind: str
    clause: str
    text: str
    value: dict[str, Any]
    said: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Pair:
    """A finding of the new version with the one it continues."""

    new: int
    old: int
    changed: bool


def compare(old: Sequence[Read], new: Sequence[Read]) -> list[Pair]:
    """Pair the findings of two versions.

    Equal sentence and equal value are the same thing, wherever it moved; those in the same clause first.
    What remains is paired by likeness of words, with a bonus for the same clause and the same subject
    (indicator and year of a target, number of a task, office of an assignment), best pairs first.
    New findings without a pair are new, old ones without a pair are gone.
    """
    pairs: list[Pair] = []
    left_old, left_new = list(old), list(new)
    for with_clause in (True, False):
        left_old, left_new = _take_equal(left_old, left_new, pairs, with_clause)
    _take_alike(left_old, left_new, pairs)
    return pairs


def likeness(one: str, other: str) -> float:
    """Return how alike two sentences are, 0 to 1: share of words in common order, blind to diacritics."""
    words, other_words = fold(one).split(), fold(other).split()
    if not words or not other_words:
        return 0.0
    matcher = SequenceMatcher(None, words, other_words, autojunk=False)
    if matcher.real_quick_ratio() < LIKE_ENOUGH / 2:
        return 0.0
    return matcher.ratio()


def _take_equal(
    old: list[Read], new: list[Read], pairs: list[Pair], with_clause: bool
) -> tuple[list[Read], list[Read]]:
    waiting: dict[Hashable, list[Read]] = {}
    for read in old:
        waiting.setdefault(_identity(read, with_clause), []).append(read)
    left_new = []
    for read in new:
        equal = waiting.get(_identity(read, with_clause))
        if equal:
            pairs.append(Pair(new=read.key, old=equal.pop(0).key, changed=False))
        else:
            left_new.append(read)
    taken = {pair.old for pair in pairs}
    return [read for read in old if read.key not in taken], left_new


def _take_alike(old: list[Read], new: list[Read], pairs: list[Pair]) -> None:
    scored = []
    for former in old:
        for later in new:
            score = _score(former, later)
            if score >= LIKE_ENOUGH:
                scored.append((-score, former.key, later.key))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for _negative, old_key, new_key in sorted(scored):
        if old_key in taken_old or new_key in taken_new:
            continue
        taken_old.add(old_key)
        taken_new.add(new_key)
        pairs.append(Pair(new=new_key, old=old_key, changed=True))


def _score(old: Read, new: Read) -> float:
    if old.kind != new.kind:
        return 0.0
    if old.kind == "header":
        return 1.0
    score = likeness(old.text, new.text)
    if score and old.clause and old.clause == new.clause:
        score += _SAME_CLAUSE
    subject = _subject(old)
    if score and subject and subject == _subject(new):
        score += _SAME_SUBJECT
    return score


def _subject(read: Read) -> tuple[Any, ...]:
    value = read.value
    if read.kind == "target" and value.get("indicator"):
        return (value.get("indicator"), value.get("year"))
    if read.kind == "task" and value.get("number"):
        return (value.get("number"), fold(str(value.get("group") or "")))
    if read.kind == "assignment":
        return (fold(str(value.get("office") or "")),)
    if read.kind == "basis" and value.get("number"):
        return (fold(str(value["number"])),)
    return ()


def _identity(read: Read, with_clause: bool) -> Hashable:
    clause = read.clause if with_clause else ""
    return read.kind, clause, fold(read.text), read.said or _frozen(read.value)


def _frozen(value: Any) -> Hashable:
    if isinstance(value, dict):
        return tuple(sorted((name, _frozen(part)) for name, part in value.items()))
    if isinstance(value, list):
        return tuple(_frozen(part) for part in value)
    return repr(value)
