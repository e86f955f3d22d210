"""Which of the dates of a clause governs a number: the one that opens its part, or the one that follows it."""

from __future__ import annotations

import re

from hatangso.plans.deadlines import Deadline
from hatangso.plans.quantities import Quantity
from hatangso.plans.segments import Segment


def governing_deadline(text: str, segment: Segment, deadlines: tuple[Deadline, ...]) -> Deadline | None:
    """Return the date that governs the number.

    A date that opens its part of the sentence ("Đến năm 2025, …") governs what follows until the next such
    date; a date in or after the words of a number ("… đạt 50% vào năm 2025") governs that number.

    Parameters
    ----------
    text : the clause
    segment : the number and its words
    deadlines : the dates of the clause, in order
    """
    due = [
        each
        for each in deadlines
        if each.role != "vision" and not _of_the_start(text, each, segment.quantity)
    ]
    inner = [
        each
        for each in due
        if segment.start <= each.start < segment.end
        and each.role == "due"
        and not (each.start >= segment.quantity.end and _opens(text, each))
        and not _of_another_number(text, segment, each)
    ]
    if inner:
        return min(inner, key=lambda each: _distance(each, segment.quantity))
    opening = [
        each
        for each in due
        if each.end <= segment.start and each.role in {"due", "orientation"} and _opens(text, each)
    ]
    if opening:
        return opening[-1]
    trailing = [each for each in due if each.start >= segment.end and each.role == "due"]
    if trailing and not _opens(text, trailing[0]):
        between = text[segment.end : trailing[0].start]
        return (
            None
            if re.search(r";|\.\s", between) or _of_another_number(text, segment, trailing[0])
            else trailing[0]
        )
    return None


def _of_the_start(text: str, deadline: Deadline, quantity: Quantity) -> bool:
    """ "Từ 25 điểm (năm 2025) xuống còn 0 điểm": the date between the two tells how things stood."""
    between = text[deadline.end : quantity.start]
    return (
        quantity.baseline is not None
        and re.search(r"\b(?:lên|xuống|còn)\b", between) is not None
        and "từ " not in between
    )


def _of_another_number(text: str, segment: Segment, deadline: Deadline) -> bool:
    """Tell whether the date stands in a bracket with a number of its own: "đạt 22% (năm 2025 là 18%)"."""
    opened = text.rfind("(", segment.quantity.end, deadline.start)
    if opened == -1 or ")" in text[opened : deadline.start]:
        return False
    closed = text.find(")", deadline.end)
    inside = text[opened + 1 : deadline.start] + text[deadline.end : closed if closed != -1 else len(text)]
    return re.search(r"\d", inside) is not None


def _distance(deadline: Deadline, quantity: Quantity) -> int:
    return max(deadline.start - quantity.end, quantity.start - deadline.end)


def _opens(text: str, deadline: Deadline) -> bool:
    ahead = text[: deadline.start].rstrip(" *_(-–+•")
    follows = text[deadline.end :].lstrip()
    if follows.startswith(":"):
        return True
    if len(re.split(r"[.;]", follows)[0].split()) < 2:  # a date at the end looks back
        return False
    return not ahead or ahead[-1] in ".;:,\n" or re.search(r"\b(?:và|còn|tính|phấn đấu)$", ahead) is not None
