"""Which clauses of a plan must not reach the public, and the plan's text without them."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from hatangso.plans import document as kinds
from hatangso.plans.document import Clause, Document
from hatangso.plans.vocabulary import word_list
from hatangso.vietnamese import fold

MASK = "█"


@cache
def _rules() -> tuple[re.Pattern[str], frozenset[str]]:
    listed = word_list("secrecy")
    return re.compile("|".join(f"(?:{pattern})" for pattern in listed["restricted"])), frozenset(
        listed["stamps"]
    )


def is_restricted(text: str) -> bool:
    """Tell whether words speak of what secrecy rules keep from the public."""
    return _rules()[0].search(fold(text)) is not None


def restricted_clauses(document: Document) -> frozenset[str]:
    """Return the ids of all clauses classed restricted.

    A clause that matches a rule is, with everything below it; a cell that matches takes its whole row; a letterhead
    stamp (MẬT, TỐI MẬT, TUYỆT MẬT) takes the whole document.
    """
    stamps = _rules()[1]
    for clause in document.clauses:
        if clause.part == kinds.LETTERHEAD and fold(clause.text) in stamps and clause.text.isupper():
            return frozenset(each.id for each in document.clauses)
    found: set[str] = set()
    for clause in document.clauses:
        if not clause.text or not is_restricted(clause.text):
            continue
        top = document.clause(clause.parent) if clause.kind == kinds.TABLE_CELL and clause.parent else clause
        found.add(top.id)
        found.update(each.id for each in document.descendants(top))
    return frozenset(found)


def public_document(document: Document, restricted: frozenset[str]) -> Document:
    """Return the document with restricted clauses emptied and their letters in the source masked.

    Offsets stay valid: each letter is replaced by one mask.
    """
    if not restricted:
        return document
    letters = list(document.source)
    for clause in document.clauses:
        if clause.id in restricted:
            for start, end in _spans(clause):
                letters[start:end] = [mark if mark.isspace() else MASK for mark in letters[start:end]]
    clauses = tuple(
        replace(clause, text=MASK if clause.text else "", pieces=()) if clause.id in restricted else clause
        for clause in document.clauses
    )
    return replace(document, source="".join(letters), clauses=clauses)


def _spans(clause: Clause) -> list[tuple[int, int]]:
    return [(clause.start, clause.end), *((piece.start, piece.end) for piece in clause.pieces)]
