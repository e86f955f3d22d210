"""Files of evidence: which kinds and sizes are taken in, told by their content, and how they are handed out."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.http import FileResponse
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from hatangso.errors import InputError
from hatangso.vietnamese import format_number, nfc

MOST_BYTES = 10 * 1024 * 1024
_MOST_PIXELS = 50_000_000
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


def clean_picture(file: Any) -> ContentFile:
    """Return a picture drawn anew as JPEG, at most 2000 pixels across, without what a phone writes into it.

    Raises
    ------
    InputError
        when it is no picture that can be read.
    """
    file.seek(0)
    try:
        with Image.open(file, formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise InputError(_("Ảnh"), found=_("quá lớn"), remedy=_("Chụp lại cho nhỏ hơn"))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        raise InputError(_("Ảnh"), found=_("không đọc được"), remedy=_("Chọn ảnh khác")) from fault
    upright.thumbnail((2000, 2000))
    memory = BytesIO()
    upright.save(memory, "JPEG", quality=85)
    return ContentFile(memory.getvalue(), name="anh.jpg")
