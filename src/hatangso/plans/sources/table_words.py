"""Words that stand in the heading row of a table, folded."""

from __future__ import annotations

import re

HEADING_WORDS = re.compile(
    r"^(?:s?tt|so tt|so thu tu)$|noi dung|nhiem vu|chu tri|phoi hop|thoi gian|tien do|don vi tinh|chi tieu|muc tieu|co quan|don vi|san pham|ket qua|ghi chu|hoan thanh|kinh phi|ten \w+|thuc hien|danh muc|nguon|hang muc"
)
ORDINAL_HEADING = re.compile(r"^(?:s?tt|so tt|so thu tu|tt\.|no\.?|#)$")
