"""Files of evidence: which kinds and sizes are taken in, told by their content, and how they are handed out."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _

from hatangso.errors import InputError
from hatangso.vietnamese import format_number, nfc

MOST_BYTES = 10 * 1024 * 1024
MOST_PUBLIC_BYTES = 5 * 1024 * 1024
# What the first bytes of each kind are; a file whose name says otherwise is refused.
_BEGINNINGS = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
}
KINDS = tuple(_BEGINNINGS)
PICTURES = (".jpg", ".jpeg", ".png")


def check_evidence(file: Any, *, kinds: tuple[str, ...] = KINDS, most: int = MOST_BYTES) -> str:
    """Return the name of an uploaded file that may be kept.

    Raises
    ------
    InputError
        when it is empty, too large, of another kind, or its content is not what its name says.
    """
    name = nfc(PurePath(str(file.name).replace("\\", "/")).name)[-200:]
    suffix = PurePath(name).suffix.lower()
    if suffix not in kinds:
        raise InputError(name, found=suffix or _("tệp không có đuôi"), expected=", ".join(kinds))
    if not file.size:
        raise InputError(name, found=_("tệp trống"), remedy=_("Chọn lại tệp"))
    if file.size > most:
        raise InputError(
            name,
            found=f"{format_number(file.size / 1024 / 1024, 1)} MB",
            expected=_("không quá %(most)s MB") % {"most": most // 1024 // 1024},
            remedy=_("Nén hoặc chụp lại cho nhỏ hơn"),
        )
    file.seek(0)
    start = file.read(16)
    file.seek(0)
    if not start.startswith(_BEGINNINGS[suffix]):
        raise InputError(
            name,
            found=_("nội dung không đúng loại %(kind)s") % {"kind": suffix},
            remedy=_("Mở tệp bằng phần mềm gốc rồi lưu lại"),
        )
    return name


def digest_of(file: Any) -> str:
    """Return the SHA-256 of an uploaded file."""
    digest = hashlib.sha256()
    file.seek(0)
    for part in file.chunks():
        digest.update(part)
    file.seek(0)
    return digest.hexdigest()


def hand_out(file: Any, name: str) -> FileResponse:
    """Hand a file out to be saved, never to be shown by the browser on this site's own address."""
    return FileResponse(
        file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream"
    )
