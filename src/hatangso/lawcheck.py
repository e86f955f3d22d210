"""Checks the files of ``law/`` against their schema: every fault a sentence, all of them at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from hatangso.errors import InputError, ManyInputErrors
from hatangso.lawfiles import LAW_FOLDER, find_file, parse_entries
from hatangso.lawrules import cross_faults

Fields = Mapping[str, Any]

DATED_FIELDS: Fields = {
    "document": {"type": "reference", "to": "documents", "required": True},
    "article": {"type": "text"},
    "from": {"type": "date", "required": True},
    "until": {"type": "date"},
    "unverified": {"type": "text"},
}


@dataclass(frozen=True)
class Checked:
    """What a check read: entries of each file, and how many of them are marked unverified."""

    entries: Mapping[str, int]
    unverified: Mapping[str, int]


@dataclass
class _Law:
    """All files of a check: the person's folder first, the packaged one behind it."""

    folder: Path
    entries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def of(self, name: str) -> list[dict[str, Any]]:
        if name not in self.entries:
            path = find_file(name, self.folder) or find_file(name)
            self.entries[name] = parse_entries(path) if path else []
        return self.entries[name]


def check_law(path: Path | None = None) -> Checked:
    """Check one law file, a folder of them, or (without a path) the packaged ones.

    A file or folder of one's own is checked with the packaged files behind it, so that a reference to an
    indicator or a document that is not repeated there still holds.

    Raises
    ------
    ManyInputErrors
        with every fault found: file, line, entry, field, what was found, what was expected, how to mend it.
    InputError
        when the path holds no law file.
    """
    names, folder = _names_and_folder(path)
    law = _Law(folder)
    faults: list[InputError] = []
    for name in names:
        faults += _file_faults(name, law)
    if not faults:
        faults = list(cross_faults(law.of, names, lambda name, index: _where(name, law, index)))
    if faults:
        raise ManyInputErrors(faults)
    return Checked(
        entries={name: len(law.of(name)) for name in names},
        unverified={name: sum("unverified" in repr(entry) for entry in law.of(name)) for name in names},
    )


@lru_cache(maxsize=1)
def schema() -> Mapping[str, Any]:
    """Return the schema of all law files, by file name without ending."""
    text = (LAW_FOLDER / "schema.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.SafeLoader)


def _names_and_folder(path: Path | None) -> tuple[list[str], Path]:
    if path is None:
        return [name for name in schema() if find_file(name)], LAW_FOLDER
    if path.is_dir():
        names = [name for name in schema() if find_file(name, path)]
        if names:
            return names, path
        raise InputError(
            f"Thư mục {path}",
            found="không có tệp danh mục nào",
            expected="ít nhất một tệp như indicators.yml",
        )
    if not path.is_file():
        raise InputError(f"Tệp {path}", found="không có", expected="một tệp .yml hoặc .csv, hay một thư mục")
    if path.stem not in schema() or path.suffix not in {".yml", ".csv"}:
        near = difflib.get_close_matches(path.stem, list(schema()), n=1)
        raise InputError(
            f"Tệp {path.name}",
            found="không phải tên của một tệp danh mục",
            expected="một trong: " + ", ".join(f"{name}.yml" for name in schema()),
            remedy=f"Có phải là {near[0]}.yml" if near else "",
        )
    return [path.stem], path.parent


def _file_faults(name: str, law: _Law) -> list[InputError]:
    path = find_file(name, law.folder)
    assert path is not None
    try:
        entries = law.of(name)
    except InputError as fault:
        law.entries[name] = []
        return [fault]
    faults: list[InputError] = []
    if path.suffix == ".csv":
        entries[:] = [_typed_cells(entry, schema()[name]["fields"]) for entry in entries]
        law.lines[name] = list(range(2, len(entries) + 2))
    else:
        law.lines[name], faults = _lines_and_doubles(path)
    faults += _key_faults(name, law)
    spec = schema()[name]
    fields = {**(DATED_FIELDS if spec.get("dated") else {}), **spec["fields"]}
    for index, entry in enumerate(entries):
        faults += _record_faults(entry, fields, _Place(_where(name, law, index), law))
    return faults


def _typed_cells(entry: dict[str, Any], fields: Fields) -> dict[str, Any]:
    typed = dict(entry)
    for key, cell in entry.items():
        kind = fields.get(key, {}).get("type")
        if kind == "integer" and re.fullmatch(r"-?\d+", cell):
            typed[key] = int(cell)
        elif kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", cell):
            typed[key] = float(cell)
        elif kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
            typed[key] = _date_or_text(cell)
    return typed


def _date_or_text(cell: str) -> date | str:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return cell


def _lines_and_doubles(path: Path) -> tuple[list[int], list[InputError]]:
    """Return the line of each entry, and a fault for each field that is written twice in one entry."""
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    lines, faults = [], []
    for node in root.value if isinstance(root, yaml.SequenceNode) else []:
        lines.append(node.start_mark.line + 1)
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                faults.append(
                    InputError(
                        f"Tệp {path.name}, dòng {key.start_mark.line + 1}, trường {key.value}",
                        found="viết hai lần trong một mục",
                        expected="mỗi trường một lần",
                        remedy="Bỏ dòng thừa",
                    )
                )
            seen.add(key.value)
    return lines, faults


def _where(name: str, law: _Law, index: int) -> str:
    path = find_file(name, law.folder) or find_file(name)
    entries, lines = law.of(name), law.lines.get(name, [])
    line = f", dòng {lines[index]}" if index < len(lines) else ""
    key = entries[index].get(schema()[name]["key"], "chưa có mã") if index < len(entries) else ""
    return f"Tệp {path.name if path else name}{line}, {schema()[name]['title_vi']} {key}"


def _key_faults(name: str, law: _Law) -> Iterator[InputError]:
    key = schema()[name]["key"]
    seen: dict[Any, int] = {}
    for index, entry in enumerate(law.of(name)):
        value = entry.get(key)
        if value is not None and value in seen:
            yield InputError(
                f"{_where(name, law, index)}, trường {key}",
                found=f"'{value}' đã có ở mục thứ {seen[value] + 1}",
                expected="mỗi mục một mã riêng",
                remedy="Đổi mã của mục này hoặc bỏ mục trùng",
            )
        seen.setdefault(value, index)


@dataclass(frozen=True)
class _Place:
    """Where a value stands, for the sentence of its fault."""

    where: str
    law: _Law

    def at(self, name: str) -> _Place:
        return _Place(f"{self.where}, trường {name}", self.law)

    def item(self, index: int) -> _Place:
        return _Place(f"{self.where}, dòng thứ {index + 1}", self.law)

    def fault(self, found: str, expected: str, remedy: str = "") -> InputError:
        return InputError(self.where, found=found, expected=expected, remedy=remedy)


def _record_faults(entry: Any, fields: Fields, place: _Place) -> Iterator[InputError]:
    if not isinstance(entry, Mapping):
        yield place.fault(f"là {_shown(entry)}", "các trường viết 'tên: giá trị'")
        return
    for name in entry:
        if not isinstance(name, str):
            yield place.fault(
                f"có trường {_shown(name)} không phải chữ",
                "tên trường là chữ thường",
                "YAML đọc on, off, yes, no, số và ngày khác với chữ: đặt tên khác hoặc viết trong ngoặc kép",
            )
        elif name not in fields:
            near = difflib.get_close_matches(str(name), list(fields), n=1)
            remedy = f"Có phải là '{near[0]}'" if near else "Bỏ trường này hoặc khai trong schema.yml"
            yield place.at(str(name)).fault("không có trong khuôn", "một trong: " + ", ".join(fields), remedy)
    for name, spec in fields.items():
        value = entry.get(name)
        if value is None:
            if spec.get("required"):
                yield place.at(name).fault("để trống", _expected(spec), f"Thêm '{name}: …' vào mục này")
            continue
        yield from _value_faults(value, spec, place.at(name))
    start, end = entry.get("from"), entry.get("until")
    if isinstance(start, date) and isinstance(end, date) and end <= start:
        yield place.at("until").fault(
            f"là {end.isoformat()}", f"sau ngày from {start.isoformat()}", "Ngày until không kể chính ngày đó"
        )


def _value_faults(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    check = _CHECKS[spec["type"]]
    yield from check(value, spec, place)


def _expected(spec: Fields) -> str:
    kind = spec["type"]
    if kind == "choice":
        return "một trong: " + ", ".join(map(str, spec["values"]))
    if kind == "reference":
        return f"một mã có trong {spec['to']}"
    if kind == "code":
        return str(spec["like_vi"])
    return _EXPECTED[kind]


def _check_text(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    if not isinstance(value, str) or not value.strip():
        yield place.fault(f"là {_shown(value)}", _expected(spec), "Đặt chữ trong ngoặc kép")


def _check_number(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield place.fault(f"là {_shown(value)}", _expected(spec), "Viết dấu chấm thập phân, không kèm đơn vị")


def _check_integer(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield place.fault(f"là {_shown(value)}", _expected(spec))


def _check_boolean(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    if not isinstance(value, bool):
        yield place.fault(f"là {_shown(value)}", _expected(spec))


def _check_date(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    if not isinstance(value, date):
        yield place.fault(
            f"là {_shown(value)}", _expected(spec), "Viết không có ngoặc kép và ngày phải có thật"
        )


def _check_choice(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    if value not in spec["values"]:
        near = difflib.get_close_matches(str(value), [str(known) for known in spec["values"]], n=1)
        yield place.fault(f"là {_shown(value)}", _expected(spec), f"Có phải là '{near[0]}'" if near else "")


def _check_code(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    if not isinstance(value, str) or not re.fullmatch(spec["pattern"], value):
        yield place.fault(f"là {_shown(value)}", _expected(spec))


def _check_reference(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    key = schema()[spec["to"]]["key"]
    known = [str(entry.get(key)) for entry in place.law.of(spec["to"])]
    if str(value) not in known:
        near = difflib.get_close_matches(str(value), known, n=1, cutoff=0.5)
        remedy = f"Có phải là '{near[0]}'" if near else f"Thêm mục này vào {spec['to']} trước"
        yield place.fault(f"'{value}' không có", _expected(spec), remedy)


def _check_list(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    if not isinstance(value, list):
        yield place.fault(f"là {_shown(value)}", _expected(spec), "Viết trong ngoặc vuông")
        return
    if spec.get("required") and not value:
        yield place.fault("là danh sách rỗng", "ít nhất một dòng")
    for index, item in enumerate(value):
        yield from _value_faults(item, spec["of"], place.item(index))


def _check_record(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    yield from _record_faults(value, {**(DATED_FIELDS if spec.get("dated") else {}), **spec["fields"]}, place)


def _check_range(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    ends = value if isinstance(value, list) and len(value) == 2 else None
    if ends is None or not all(end is None or isinstance(end, int | float) for end in ends):
        yield place.fault(f"là {_shown(value)}", _expected(spec))
    elif None not in ends and ends[0] >= ends[1]:
        yield place.fault(f"là {_shown(value)}", "số đầu nhỏ hơn số cuối")


def _check_pairs(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    pairs = value if isinstance(value, list) else [None]
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        yield place.fault(f"là {_shown(value)}", _expected(spec))


def _check_map(value: Any, spec: Fields, place: _Place) -> Iterator[InputError]:
    if not isinstance(value, dict):
        yield place.fault(f"là {_shown(value)}", _expected(spec))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}'" if not isinstance(value, list | dict) else str(value)


_EXPECTED = {
    "text": "một dòng chữ",
    "number": "một số",
    "integer": "một số nguyên",
    "boolean": "true hoặc false",
    "date": "một ngày viết như 2025-07-01",
    "list": "một danh sách như [a, b]",
    "record": "các trường viết 'tên: giá trị'",
    "range": "hai số [nhỏ nhất, lớn nhất], null khi không giới hạn",
    "pairs": "các cặp như [[4, 20], [0, 0]]",
    "map": "các trường viết 'tên: giá trị'",
}

_CHECKS: Mapping[str, Callable[[Any, Fields, _Place], Iterator[InputError]]] = {
    "text": _check_text,
    "number": _check_number,
    "integer": _check_integer,
    "boolean": _check_boolean,
    "date": _check_date,
    "choice": _check_choice,
    "code": _check_code,
    "reference": _check_reference,
    "list": _check_list,
    "record": _check_record,
    "range": _check_range,
    "pairs": _check_pairs,
    "map": _check_map,
}
