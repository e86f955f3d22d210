"""What is wrong with a command line, in Vietnamese: the library that reads it speaks English alone."""

from __future__ import annotations

import re
from typing import Any

_WRONG = r"Invalid value for '?(?P<name>[^':]+)'?: "
_SENTENCES = tuple(
    (re.compile(pattern, re.DOTALL), sentence)
    for pattern, sentence in (
        (r"Missing (?:option|argument|parameter):? '?(?P<name>[^'.]+)'?.*", "Thiếu {name}."),
        (r"No such option:? '?(?P<name>[^\s'.]+)'?.*", "Không có tùy chọn {name}."),
        (r"No such command '(?P<name>.+?)'.*", "Không có lệnh '{name}'."),
        (r"Got unexpected extra arguments?(?:\(s\))? \((?P<name>.+)\).*", "Thừa tham số: {name}."),
        (r"Option '(?P<name>.+?)' requires .*", "Tùy chọn {name} cần một giá trị đi kèm."),
        (rf"{_WRONG}.*valid int.*", "{name}: cần một số nguyên."),
        (rf"{_WRONG}.*valid (?:number|float).*", "{name}: cần một số; phần thập phân viết sau dấu chấm."),
        (rf"{_WRONG}Input should be (?P<choices>'.+)", "{name}: cần một trong các giá trị {choices}."),
        (rf"{_WRONG}\w+ '(?P<found>.*)' does not exist\.?", "{name}: không có tệp '{found}'."),
        (rf"{_WRONG}(?P<found>.*)", "{name}: giá trị không hợp lệ ({found})"),
    )
)


def usage_fault(fault: Any) -> str:
    """Return the sentence for a fault of click's, and the command that shows how the verb is called.

    A message not known here is given as it is.
    """
    said = str(fault.format_message()).strip()
    for pattern, sentence in _SENTENCES:
        found = pattern.fullmatch(said)
        if found is not None:
            said = sentence.format(**found.groupdict())
            break
    context = getattr(fault, "ctx", None)
    if context is None:
        return said + " Thêm --help để xem cách dùng."
    return f"{said} Xem cách dùng: {context.command_path} --help"
