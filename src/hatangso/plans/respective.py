"""Lists told one by one: "tải xuống/tải lên lần lượt đạt 250 và 180 Mb/s", "đạt 70%, 85% vào năm 2026 và 2027"."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from hatangso.plans.deadlines import Deadline
from hatangso.plans.matching import borrow, find_terms
from hatangso.plans.segments import Segment, Sentence
from hatangso.vietnamese import fold_same_length

_RESPECTIVELY = re.compile(r"\blan luot\b")
_PART = re.compile(r"\s*(?:,|;|/|\+|\bvà\b)\s*(?:và\s+)?")
_NEXT_DATE = re.compile(r"\s*(?:,|;|/|\bva\b)?\s*(?:\bva\b\s*)?(?:den\s+)?(?:nam\s+)?")


@dataclass(frozen=True, slots=True)
class Respective:
    """What belongs to which number of a sentence, by the index of its segment.

    Parameters
    ----------
    terms : what the number is said of, where it is one of a list
    names : terms of the whole list, from which a shortened part may borrow
    deadlines : its date, where the dates are listed like the numbers
    """

    terms: dict[int, frozenset[str]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    deadlines: dict[int, Deadline] = field(default_factory=dict)


def date_lists(text: str, deadlines: tuple[Deadline, ...]) -> tuple[tuple[Deadline, ...], ...]:
    """Return the runs of two or more years that a text lists: "năm 2026, 2027 và 2030"; no periods."""
    folded = fold_same_length(text)
    runs: list[list[Deadline]] = []
    for deadline in deadlines:
        if deadline.role != "due" or deadline.first is not None:
            continue
        last = runs[-1][-1] if runs else None
        between = folded[last.end : deadline.start] if last else ""
        if last and last.year < deadline.year and between.strip() and _NEXT_DATE.fullmatch(between):
            runs[-1].append(deadline)
        else:
            runs.append([deadline])
    return tuple(tuple(run) for run in runs if len(run) > 1)


def tell_apart(text: str, sentence: Sentence, dates: tuple[tuple[Deadline, ...], ...]) -> Respective:
    """Return what each number of a list is said of and by when.

    Rule: after "lần lượt" the numbers take the things named before it, or those announced before the colon, one by
    one in order; where as many years are listed as numbers, each number takes its year. Without "lần lượt" only
    years are told apart, and only for numbers that have no words of their own. The halves of "80/30 Mb/s" know
    what they are.

    Parameters
    ----------
    text : the clause
    sentence : one of its sentences
    dates : its lists of years, from :func:`date_lists`
    """
    terms = {
        index: borrow(frozenset({segment.quantity.sense}), find_terms(text[segment.start : segment.end]))
        for index, segment in enumerate(sentence.segments)
        if segment.quantity.sense
    }
    word = _RESPECTIVELY.search(fold_same_length(text[sentence.start : sentence.end]))
    at = sentence.start + word.start() if word else sentence.end
    listed = _listed(text, sentence, at if word else None)
    if len(listed) < 2:
        return Respective(terms)
    years = next((run for run in dates if len(run) == len(listed) and _inside(run, sentence)), None)
    ahead = text[sentence.start : at]
    topic = text[sentence.topic[0] : sentence.topic[1]] if sentence.topic else ""
    if years:
        names = find_terms(ahead if word else text[sentence.start : sentence.segments[listed[0]].end])
        told = dict.fromkeys(listed, names) if word else {}
        return Respective({**terms, **told}, names, dict(zip(listed, years, strict=True)))
    for words in (ahead, topic) if word else ():
        parts = [find_terms(part) for part in _PART.split(words) if part.strip()][-len(listed) :]
        if len(parts) == len(listed) and all(parts):
            told = dict(zip(listed, parts, strict=True))
            return Respective({**told, **terms}, find_terms(ahead) | find_terms(topic))
    return Respective(terms)


def _listed(text: str, sentence: Sentence, after: int | None) -> list[int]:
    """Return the numbers of the list: those after "lần lượt", or a last run without words between them."""
    segments = sentence.segments
    if after is not None:
        return [index for index, segment in enumerate(segments) if segment.quantity.start > after]
    run: list[int] = []
    for index in range(len(segments) - 1, -1, -1):
        run.insert(0, index)
        if _has_words(text, segments[index]):
            break
    alike = all(
        segments[one].quantity.unit == segments[other].quantity.unit for one, other in itertools.pairwise(run)
    )
    return run if alike else []


def _has_words(text: str, segment: Segment) -> bool:
    return bool(find_terms(text[segment.start : segment.end]))


def _inside(run: tuple[Deadline, ...], sentence: Sentence) -> bool:
    return sentence.start <= run[0].start and run[-1].end <= sentence.end
