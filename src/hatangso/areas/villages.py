"""Areas people load themselves: villages below the commune, and zones, sites, corridors of other kinds."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hatangso.areas.register import Area, Register
from hatangso.errors import InputError, ManyInputErrors
from hatangso.tables import Column, TableSpec, read_table
from hatangso.vietnamese import fold, nfc

# How a kind may be written; the first is how it is stored.
VILLAGE_KINDS: Mapping[str, tuple[str, ...]] = {
    "Thôn": (), "Ấp": (), "Sóc": (), "Bon": (), "Buôn": ("buon lang",), "Bản": (), "Làng": (), "Phum": (),
    "Tổ dân phố": ("TDP", "tổ", "tổ DP"), "Khu phố": ("KP",), "Khối phố": (), "Khối": (), "Khóm": (),
    "Xóm": (), "Khu": (),
}  # fmt: skip
OTHER_KINDS: Mapping[str, tuple[str, ...]] = {
    "Khu công nghiệp": ("KCN", "cụm công nghiệp", "khu kinh tế", "khu công nghệ cao"),
    "Khu du lịch": ("KDL", "điểm du lịch"),
    "Hành lang đường bộ": ("tuyến đường", "quốc lộ", "đường tỉnh", "cao tốc"),
    "Khu đô thị": ("KĐT", "khu dân cư"),
}
_SHARED = (
    Column("code", aliases=("mã", "mã thôn", "mã khu vực"), required=False, nullable=True, title="Mã"),
    Column("name", aliases=("tên", "tên thôn", "thôn", "tên khu vực", "thôn, tổ dân phố"), title="Tên"),
)
_FIGURES = (
    Column("population", "number", minimum=0, aliases=("dân số", "số dân", "nhân khẩu"), required=False, nullable=True),
    Column("households", "number", minimum=0, aliases=("số hộ", "hộ"), required=False, nullable=True),
    Column("lon", "number", minimum=102, maximum=118, aliases=("kinh độ", "longitude"), required=False, nullable=True),
    Column("lat", "number", minimum=6, maximum=24, aliases=("vĩ độ", "latitude"), required=False, nullable=True),
    Column("valid_from", "date", aliases=("từ ngày", "hiệu lực từ"), required=False, nullable=True),
)  # fmt: skip
VILLAGES = TableSpec(
    "villages",
    (
        *_SHARED,
        Column(
            "kind", "category", categories=VILLAGE_KINDS, aliases=("loại",), required=False, nullable=True
        ),
        Column("area_code", aliases=("mã xã", "mã đơn vị", "mã ĐVHC", "commune_code"), title="Mã xã"),
        *_FIGURES,
    ),
)
OTHER_AREAS = TableSpec(
    "other_areas",
    (
        *_SHARED,
        Column("kind", "category", categories=OTHER_KINDS, aliases=("loại", "loại khu vực"), title="Loại"),
        Column("area_code", aliases=("mã xã", "mã tỉnh", "mã đơn vị", "thuộc"), title="Mã đơn vị hành chính"),
        *_FIGURES,
    ),
)


@dataclass(frozen=True)
class LoadedAreas:
    """Areas read from a table, with its figures in the same order (population, households, lon, lat).

    ``coded`` says for each area whether the table gave its code; the others got a number of order.
    """

    areas: tuple[Area, ...]
    figures: pl.DataFrame
    coded: tuple[bool, ...] = ()


def read_villages(path: str | Path, *, register: Register, on: datetime.date) -> LoadedAreas:
    """Read villages of any kind from a table.

    The kind is a column or stands before the name ("Thôn 3", "TDP Nghĩa Phú"). A village without a code gets
    its commune's code and its number of order; give codes when the list is to be updated later.

    Parameters
    ----------
    path : a table with columns name, area_code and, if known, code, kind, population, households, lon, lat
    register : the areas; the communes must be in force on ``on``
    on : the day the table speaks of

    Raises
    ------
    InputError, ManyInputErrors
        for a commune that is not in force, a kind nobody knows, or two villages of one name in a commune.
    """
    frame = read_table(path, VILLAGES)
    rows = frame.select("code", "name", "kind", "area_code", "valid_from").rows()
    faults: list[InputError] = []
    areas: list[Area] = []
    counts: Counter[str] = Counter()
    for line, (code, name, kind, commune, since) in enumerate(rows, start=2):
        found_kind, bare = split_kind(name) if not kind else (kind, _without_kind(name, kind))
        parent = _parent_code(commune)
        if not found_kind:
            faults.append(
                _fault(
                    path,
                    line,
                    f"không rõ '{name}' là thôn, ấp, buôn hay tổ dân phố",
                    "loại ở cột kind hoặc trước tên",
                )
            )
        elif not _is_commune(register, parent, on):
            faults.append(_fault(path, line, f"mã xã '{commune}'", f"mã xã có hiệu lực ngày {on:%d/%m/%Y}"))
        else:
            counts[parent] += 1
            areas.append(
                Area(
                    code or f"{parent}-{counts[parent]:03d}", "village", found_kind, bare, parent, since, None
                )
            )
    faults += _repeated(path, areas)
    if faults:
        raise ManyInputErrors(faults)
    return LoadedAreas(tuple(areas), frame.select("population", "households", "lon", "lat"), _coded(rows))


def read_other_areas(path: str | Path, *, register: Register, on: datetime.date) -> LoadedAreas:
    """Read industrial zones, tourist sites, road corridors and urban areas from a table.

    ``area_code`` is the commune or province the area lies in. See :func:`read_villages`.
    """
    frame = read_table(path, OTHER_AREAS)
    faults: list[InputError] = []
    areas: list[Area] = []
    counts: Counter[str] = Counter()
    rows = frame.select("code", "name", "kind", "area_code", "valid_from").rows()
    for line, (code, name, kind, upper, since) in enumerate(rows, start=2):
        parent = upper if upper in register else _parent_code(upper)
        if parent not in register or not any(area.is_in_force(on) for area in register.versions(parent)):
            faults.append(_fault(path, line, f"mã '{upper}'", f"mã đơn vị có hiệu lực ngày {on:%d/%m/%Y}"))
            continue
        counts[parent] += 1
        areas.append(
            Area(
                code or f"{parent}-K{counts[parent]:03d}",
                "other",
                kind,
                _without_kind(name, kind),
                parent,
                since,
                None,
            )
        )
    faults += _repeated(path, areas)
    if faults:
        raise ManyInputErrors(faults)
    return LoadedAreas(tuple(areas), frame.select("population", "households", "lon", "lat"), _coded(rows))


def _coded(rows: list[tuple]) -> tuple[bool, ...]:
    return tuple(bool(row[0]) for row in rows)


def split_kind(written: str) -> tuple[str, str]:
    """Return kind and name of a written village: "TDP 5" → ("Tổ dân phố", "5"); ("", text) without a kind."""
    text = " ".join(nfc(written).split())
    for kind, writings in sorted(VILLAGE_KINDS.items(), key=lambda item: -len(item[0])):
        for writing in (kind, *writings):
            bare = _after(text, writing)
            if bare:
                return kind, bare
    return "", text


def _without_kind(name: str, kind: str) -> str:
    text = " ".join(nfc(name).split())
    return _after(text, kind) or text


def _after(text: str, writing: str) -> str:
    words = len(writing.split())
    pieces = re.split(r"(?:\s|\.\s*)", text, maxsplit=words)
    if len(pieces) > words and fold(" ".join(pieces[:words])) == fold(writing):
        return pieces[words].strip(" .:")
    return ""


def _parent_code(code: str) -> str:
    return code.strip().zfill(5) if code.strip().isdigit() else code.strip()


def _is_commune(register: Register, code: str, on: datetime.date) -> bool:
    return code in register and any(
        a.level == "commune" and a.is_in_force(on) for a in register.versions(code)
    )


def _fault(path: str | Path, line: int, found: str, expected: str) -> InputError:
    return InputError(f"Bảng '{Path(path).name}', dòng {line}", found=found, expected=expected)


def _repeated(path: str | Path, areas: list[Area]) -> list[InputError]:
    seen: dict[tuple[str, ...], int] = {}
    faults = []
    for line, area in enumerate(areas, start=2):
        for key in ((area.code,), (area.parent_code, fold(area.kind), nfc(area.name).casefold())):
            if key in seen:
                faults.append(
                    _fault(
                        path,
                        line,
                        f"{area.full_name} ({area.code}) trùng với dòng {seen[key]}",
                        "mỗi nơi một dòng",
                    )
                )
                break
            seen[key] = line
    return faults
