"""Offices and tasks told in words: "Sở A chủ trì; Sở B phối hợp", "Giao Sở A chủ trì, phối hợp với Sở B lập …"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hatangso.plans.numbering import CAPITALS
from hatangso.plans.offices import begins_with_office, office_of_heading

_LEADS = re.compile(r"\s+(?:là (?:cơ quan|đơn vị) )?chủ trì\b(?:\s+(?:thực hiện|triển khai))?", re.IGNORECASE)
_HELPS = re.compile(r"\s+(?:cùng\s+)?phối hợp\b(?:\s+thực hiện)?", re.IGNORECASE)
_WITH = re.compile(r"\s*,?\s*(?:và\s+)?phối hợp\s+(?:chặt chẽ\s+)?(?:với|cùng)\s+", re.IGNORECASE)
_ORDER = re.compile(r"^(?:giao(?: cho)?|phân công|đề nghị|yêu cầu)\s+", re.IGNORECASE)
_CALLS = re.compile(r"^(?:giao|phân công)\b", re.IGNORECASE)
_WHEN = re.compile(
    r"[;,.(]\s*(?:(?:và\s+)?(?:phải\s+)?hoàn thành\s+(?:trong|trước|vào|xong)|(?:thời gian|thời hạn|tiến độ)(?:\s+(?:thực hiện|hoàn thành))?\s*:|"
    r"xong trước)\s*(?P<when>[^;.)]{3,60})",
    re.IGNORECASE,
)
# Verbs in small letters with which the work begins after the names of the offices.
_WORK = re.compile(
    r"(?:,\s*|\s+)(?=(?:tham mưu|triển khai|tổ chức (?:thực hiện|triển khai|rà soát|đo|khảo sát)|xây dựng|rà soát|thực hiện|hướng dẫn|"
    r"kiểm tra|lập|đầu tư|nâng cấp|khảo sát|trình|ban hành|cấp|phát triển|hoàn thiện|hoàn thành|đẩy mạnh|nghiên cứu|đề xuất|"
    r"bố trí|vận hành|duy trì|quản lý|phủ sóng|lắp đặt|đo kiểm|đo|chỉnh trang|ngầm hóa|hạ ngầm|xóa|theo dõi|đôn đốc|tổng hợp|"
    r"bảo đảm|đảm bảo|cung cấp|thẩm định|tuyên truyền|công bố|kết nối|chuyển đổi|mở rộng|giám sát|tập huấn|đào tạo|hỗ trợ|"
    r"vận động|cập nhật|thống kê|xử lý|giải quyết|tăng cường|phổ cập|số hóa|tích hợp|chia sẻ)\b)"
)


@dataclass(frozen=True, slots=True)
class SpokenTask:
    """A task of one sentence: what, who leads, who helps, by when, all as written."""

    name: str
    lead: str
    partners: str
    when: str


def said_of_offices(text: str) -> dict[str, str] | None:
    """Return lead and partners of a cell that tells them in words, None where it does not.

    "Sở KH&CN chủ trì; UBND các xã phối hợp" and "Sở A chủ trì, phối hợp với Sở B" are understood.

    Parameters
    ----------
    text : the cell
    """
    lead = _LEADS.search(text)
    if lead is None or not text[: lead.start()].strip():
        return None
    rest = text[lead.end() :]
    together = _WITH.match(rest)
    if together:
        partners = rest[together.end() :]
    else:
        helps = _HELPS.search(rest)
        partners = rest[: helps.start()] if helps else ""
    return {"lead": text[: lead.start()].strip(), "partners": partners.strip(" ;,.:\n-–"), "when": ""}


def spoken_task(text: str) -> SpokenTask | None:
    """Return the task a sentence gives to an office, None where it gives none.

    Rule: it begins with "Giao <office>" or with an office that "chủ trì"; partners stand after "phối hợp với" up
    to the verb of the work; the work ends before "hoàn thành trước …" or "thời gian thực hiện: …".

    Parameters
    ----------
    text : a clause without its marker
    """
    if ":" in text[:60] and not _CALLS.match(text):
        return None
    named = office_of_heading(text)
    if named is None or len(named[0]) > 200:
        return None
    body = _ORDER.sub("", text.strip())
    lead = _LEADS.search(body)
    offices, rest = named[0], named[1]
    partners = ""
    if lead and lead.start() <= len(offices) + 2:
        offices, rest = body[: lead.start()], body[lead.end() :]
    elif not _CALLS.match(text.strip()):
        return None
    else:
        offices, rest = _part_work(body)
    together = _WITH.match(rest)
    if together:
        partners, rest = _part_work(rest[together.end() :])
    when = _WHEN.search(rest)
    work = (rest[: when.start()] if when else rest).strip(" ,;.:-–")
    if len(work) < 8 or not begins_with_office(offices):
        return None
    written = when.group().lstrip(" ;,.(") if when else ""
    return SpokenTask(work[:1].upper() + work[1:], offices.strip(" ,;"), partners.strip(" ,;"), written)


def _part_work(text: str) -> tuple[str, str]:
    """Return the offices at the beginning of a text and the work after them."""
    verb = _WORK.search(text)
    if verb is None:
        comma = re.search(rf",\s+(?![{CAPITALS}])", text)
        return (text[: comma.start()], text[comma.end() :]) if comma else (text, "")
    return text[: verb.start()], text[verb.end() :]
