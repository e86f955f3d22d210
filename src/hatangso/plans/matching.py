"""Which indicator of the catalogue a clause speaks of: words → terms → rules → code.

A term is a set of words that mean one thing ("thôn, bản, ấp …" is ``village``). A rule names the terms an
indicator needs and those that rule it out. The rule with the highest score wins: two points for each needed
term, one for each list of alternatives, plus its weight; the order of the word list breaks ties. Everything is
in ``words/terms.yml`` and ``words/indicators.yml``; nothing here knows an indicator by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from hatangso.plans.vocabulary import spaced, word_list
from hatangso.vietnamese import fold_same_length, nfc

# Terms a clause may borrow from the headings above it; a heading's other words say what the section is about.
_FROM_HEADINGS = {"generation", "network", "shared_work"}
_GROUPS = re.compile(r"\((?:\?<?[!=:])?[^()]*\)\??")
_HEADING_TERMS = frozenset(
    {
        "post_point",
        "sharing",
        "ipv6",
        "tslcd",
        "signature",
        "iot",
        "mobile",
        "mobile_broadband",
        "station",
        "underground",
    }
)


@dataclass(frozen=True, slots=True)
class Match:
    """An indicator found: its code, the score of the rule, which side of it, and the terms the rule rests on."""

    code: str
    score: int
    facet: str = ""
    used: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Term:
    name: str
    folded: re.Pattern[str] | None
    marked: re.Pattern[str] | None
    group: str
    hints: tuple[str, ...]
    marked_hints: tuple[str, ...]

    def stands_in(self, small: str, folded: str) -> bool:
        """Tell whether one of the words stands in the text; the hints spare most of the searching."""
        if self.folded and any(hint in folded for hint in self.hints) and self.folded.search(folded):
            return True
        return bool(
            self.marked and any(hint in small for hint in self.marked_hints) and self.marked.search(small)
        )


@dataclass(frozen=True, slots=True)
class _Derived:
    name: str
    every: frozenset[str]
    either: tuple[frozenset[str], ...]
    never: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Rule:
    code: str
    need: frozenset[str]
    either: tuple[frozenset[str], ...]
    never: frozenset[str]
    kinds: tuple[str, ...]
    weight: int

    def score(self, terms: frozenset[str], kind: str, unit: str) -> int | None:
        """Return the score for these terms, None where the rule does not fit."""
        if not self.need <= terms or self.never & terms or not self._measures(kind, unit):
            return None
        hits = sum(1 for choice in self.either if choice & terms)
        if hits < len(self.either):
            return None
        return 2 * len(self.need) + hits + self.weight

    def _measures(self, kind: str, unit: str) -> bool:
        return any(allowed in (kind, f"{kind}:{unit}") for allowed in self.kinds)


@cache
def _terms() -> tuple[_Term, ...]:
    entries = dict(word_list("terms")["terms"])
    entries.update({k: v for k, v in word_list("indicators")["derived"].items() if "words" in v})
    return tuple(
        _Term(
            name,
            _pattern(entry.get("words")),
            _pattern(entry.get("marked")),
            entry.get("group", ""),
            tuple(dict.fromkeys(_hint(word) for word in entry.get("words") or ())),
            tuple(dict.fromkeys(_hint(word) for word in entry.get("marked") or ())),
        )
        for name, entry in entries.items()
    )


@cache
def _derived() -> tuple[_Derived, ...]:
    return tuple(
        _Derived(
            name,
            frozenset(entry.get("all", ())),
            tuple(frozenset(choice) for choice in entry.get("any", ())),
            frozenset(entry.get("not", ())),
        )
        for name, entry in word_list("indicators")["derived"].items()
        if "words" not in entry
    )


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            code,
            frozenset(fact["need"]),
            tuple(frozenset(choice) for choice in fact.get("any", ())),
            frozenset(fact.get("not", ())),
            tuple(fact.get("kinds", ("share",))),
            fact.get("weight", 0),
        )
        for code, entry in word_list("indicators")["indicators"].items()
        for fact in entry["facts"]
    )


@cache
def _group_of() -> dict[str, str]:
    return {term.name: term.group for term in _terms() if term.group}


def indicator_codes() -> tuple[str, ...]:
    """Return every code the word list knows, in its order."""
    return tuple(word_list("indicators")["indicators"])


def indicator_entry(code: str) -> dict[str, object]:
    """Return the word-list entry of a code: ``better``, ``gap``, ``each``, ``facet`` where they are set."""
    return word_list("indicators")["indicators"][code]


def unknown_terms() -> set[str]:
    """Return terms that rules name and nobody defines; empty when the word lists are sound."""
    known = {term.name for term in _terms()} | {each.name for each in _derived()}
    named: set[str] = set()
    for rule in _rules():
        named |= rule.need | rule.never | frozenset().union(*rule.either)
    for each in _derived():
        named |= each.every | each.never | frozenset().union(*each.either)
    return named - known


@lru_cache(maxsize=4096)
def find_terms(text: str) -> frozenset[str]:
    """Return the terms whose words stand in ``text``, diacritics ignored but for the marked words."""
    small = nfc(text).lower()
    folded = fold_same_length(small)
    return frozenset(term.name for term in _terms() if term.stands_in(small, folded))


def borrow(own: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """Return ``own`` plus what a shortened clause takes from ``other``: no term of a group it names itself."""
    group_of = _group_of()
    taken = {group_of[term] for term in own if term in group_of}
    return own | {term for term in other if group_of.get(term, "") not in taken or term not in group_of}


def without_subjects(terms: frozenset[str]) -> frozenset[str]:
    """Return the terms that do not say whom or what is counted."""
    group_of = _group_of()
    return frozenset(term for term in terms if group_of.get(term) != "subject" and term != "population")


def rests_on(match: Match, own: frozenset[str], *, counted: frozenset[str]) -> bool:
    """Tell whether a match found with borrowed terms is still about the clause's own words.

    It must use its matter, where it has one, and must not ignore whom the clause counts: "100% trường học ứng
    dụng …" takes no indicator of adults from the sentence before it. A clause without any known word may borrow
    everything.
    """
    group_of = _group_of()
    subjects = {term for term in counted if group_of.get(term) == "subject"}
    matter = (
        own
        - {term for term in own if group_of.get(term) == "subject"}
        - frozenset(word_list("indicators")["generic"])
    )
    return (not matter or bool(match.used & matter)) and (not subjects or bool(subjects & match.used))


def owned_things(terms: frozenset[str], code: str = "") -> tuple[frozenset[str], ...]:
    """Return the terms once for each thing a person is said to have, or each kind of place ``code`` counts apart.

    It is one set when there is one thing or none.
    """
    things = [thing for thing in word_list("indicators")["owned"] if thing in terms]
    if len(things) < 2 and code in {
        each for codes in word_list("indicators")["places"].values() for each in codes
    }:
        things = [place for place in word_list("indicators")["places"] if place in terms]
    if len(things) < 2:
        return (terms,)
    return tuple(terms - frozenset(other for other in things if other != thing) for thing in things)


def heading_terms(headings: Iterable[str]) -> frozenset[str]:
    """Return the terms a clause may take from the headings above it, nearest heading first."""
    group_of = _group_of()
    found: frozenset[str] = frozenset()
    for heading in headings:
        usable = {
            term
            for term in find_terms(heading)
            if group_of.get(term, "") in _FROM_HEADINGS or term in _HEADING_TERMS
        }
        found = borrow(found, frozenset(usable))
    return found


@lru_cache(maxsize=8192)
def match_terms(terms: frozenset[str], *, kind: str, unit: str) -> Match | None:
    """Return the indicator that fits these terms and what the number measures, None where none does.

    Parameters
    ----------
    terms : from :func:`find_terms`, borrowed ones included
    kind : what the number measures: ``share``, ``speed``, ``count`` …, ``each`` ("mỗi hộ một …")
    unit : its unit, which distinguishes counts ("trạm", "thôn") and radii
    """
    terms = _with_derived(terms)
    best: Match | None = None
    for rule in _rules():
        score = rule.score(terms, kind, unit)
        if score is not None and (best is None or score > best.score):
            best = Match(rule.code, score, used=(rule.need | frozenset().union(*rule.either)) & terms)
    if best is None and kind == "each":
        return match_terms(terms, kind="share", unit="%")
    if best is None:
        return None
    return replace(best, facet=_facet(best.code, terms))


def _with_derived(terms: frozenset[str]) -> frozenset[str]:
    found = set(terms)
    for each in _derived():
        if each.every <= found and not each.never & found and all(choice & found for choice in each.either):
            found.add(each.name)
    return frozenset(found)


def _facet(code: str, terms: frozenset[str]) -> str:
    facets = indicator_entry(code).get("facet") or {}
    assert isinstance(facets, dict)
    return "+".join(sorted(name for term, name in facets.items() if term in terms))


def _pattern(words: list[str] | None) -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile("|".join(_bounded(word) for word in words))


def _bounded(word: str) -> str:
    before = r"(?<!\w)" if word[0].isalnum() or word[0] == "(" else ""
    after = "" if word.endswith((r"\b", ")", "}")) and not word.endswith("?)") else r"(?!\w)"
    return f"{before}(?:{spaced(word)}){after}"


def _hint(word: str) -> str:
    """Return letters that any text with this pattern must contain; "" where none can be told."""
    plain = _GROUPS.sub("|", _GROUPS.sub("|", word))
    runs = re.split(r"[^\w]+", re.sub(r"\w\?|\\.|\[[^\]]*\](?:\{[^}]*\})?", "|", plain).replace("|", " | "))
    return max(runs, key=len, default="")
