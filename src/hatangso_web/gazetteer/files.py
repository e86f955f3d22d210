"""Reads a file of villages, other areas or boundaries, compares it with the database, and writes the difference."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from hatangso.areas.boundaries import BoundarySet, read_boundaries
from hatangso.areas.register import Area as Unit
from hatangso.areas.villages import LoadedAreas, read_other_areas, read_villages
from hatangso.errors import InputError
from hatangso.vietnamese import format_number
from hatangso_web.areas.models import Area, AreaVersion, Boundary, Level, Particulars
from hatangso_web.areas.queries import in_force
from hatangso_web.areas.registers import current_register
from hatangso_web.gazetteer.models import AreaFile, FileKind

TABLES = (".xlsx", ".xls", ".ods", ".csv", ".parquet")
MAPS = (".geojson", ".json", ".gz", ".gpkg", ".zip", ".parquet", ".geoparquet")
# Detail on a map of a province that fills a page; neighbours keep one common border.
SIMPLE_METRES = 120.0
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".xml", ".qmd")
_STARTS = {
    ".geojson": b"{", ".json": b"{", ".gpkg": b"SQLite format 3\x00", ".zip": b"PK", ".parquet": b"PAR1",
    ".geoparquet": b"PAR1",
}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """What a file would do: sentences for the reader, counts, and the codes of the areas it touches."""

    report: tuple[str, ...]
    counts: dict[str, int]
    codes: tuple[str, ...]


@dataclass(frozen=True)
class _Village:
    unit: Unit
    figures: tuple[Any, ...]
    present: AreaVersion | None
    same: bool


def refuse_foreign(path: Path, *, name: str, kind: str) -> None:
    """Raise :class:`InputError` for a file that is not what its name says, before any library opens it.

    Libraries for maps guess the format from the content; a list of other files dressed as GeoJSON would make
    them read the server's own files.
    """
    suffix = Path(name).suffix.lower()
    allowed = MAPS if kind == FileKind.BOUNDARIES else TABLES
    if suffix not in allowed:
        raise InputError(
            _("Tệp “%(name)s”") % {"name": name},
            found=_("không thuộc loại đọc được"),
            expected=", ".join(allowed),
        )
    if kind != FileKind.BOUNDARIES:
        return
    try:
        with gzip.open(path) if suffix == ".gz" else path.open("rb") as stream:
            head = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as fault:
        raise InputError(_("Tệp “%(name)s”") % {"name": name}, found=_("nén hỏng")) from fault
    if not head.startswith(_STARTS.get(suffix, b"{")):
        raise InputError(
            _("Tệp “%(name)s”") % {"name": name},
            found=_("nội dung không đúng với đuôi tệp"),
            expected=_("GeoJSON, GeoPackage, Shapefile nén .zip hoặc GeoParquet"),
        )
    if suffix == ".zip":
        _refuse_zip(path, name)


def _refuse_zip(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
    except zipfile.BadZipFile as fault:
        raise InputError(_("Tệp “%(name)s”") % {"name": name}, found=_("nén hỏng")) from fault
    odd = [
        member.filename
        for member in members
        if not member.is_dir() and PurePosixPath(member.filename).suffix.lower() not in _SHAPEFILE_PARTS
    ]
    if odd or not any(member.filename.lower().endswith(".shp") for member in members):
        raise InputError(
            _("Tệp “%(name)s”") % {"name": name},
            found=", ".join(odd[:3]) or _("không có tệp .shp"),
            expected=_("chỉ các phần của một Shapefile (.shp, .shx, .dbf, .prj)"),
        )
    if sum(member.file_size for member in members) > 20 * settings.UPLOAD_LIMIT_BYTES:
        raise InputError(_("Tệp “%(name)s”") % {"name": name}, found=_("giải nén ra quá lớn"))


def check_file(row: AreaFile, path: Path) -> Checked:
    """Read a file and say what writing it would do; nothing is written."""
    if row.kind == FileKind.BOUNDARIES:
        boundaries, report = read_boundaries(path, register=current_register(), on=row.on, level=row.level)
        fresh, changed = _borders_to_write(boundaries, row)
        counts = {
            "new": len(fresh), "changed": len(changed),
            "same": len(boundaries.codes) - len(fresh) - len(changed),
        }  # fmt: skip
        return Checked(tuple(report.sentences()), counts, boundaries.codes)
    villages = _compared(_read_table(row, path), row)
    counts = {
        "new": sum(village.present is None for village in villages),
        "changed": sum(village.present is not None and not village.same for village in villages),
        "same": sum(village.same for village in villages),
    }
    return Checked(tuple(_village_lines(villages)), counts, tuple({v.unit.parent_code for v in villages}))


@transaction.atomic
def store_file(row: AreaFile, path: Path) -> dict[str, int]:
    """Write what a checked file changes; the second time there is nothing to write."""
    if row.kind == FileKind.BOUNDARIES:
        return _store_borders(row, path)
    villages = _compared(_read_table(row, path), row)
    parents = {
        area.code: area for area in Area.objects.filter(code__in={v.unit.parent_code for v in villages})
    }
    fresh = [village for village in villages if village.present is None]
    areas = Area.objects.bulk_create(
        [_area(village.unit, parents[village.unit.parent_code]) for village in fresh], batch_size=1000
    )
    AreaVersion.objects.bulk_create(
        [_version(village.unit, area) for village, area in zip(fresh, areas, strict=True)], batch_size=1000
    )
    changed = [village for village in villages if village.present is not None and not village.same]
    for village in changed:
        _renew(village, parents[village.unit.parent_code], on=row.on)
    _write_particulars(villages, on=row.on)
    return {"new": len(fresh), "changed": len(changed), "same": len(villages) - len(fresh) - len(changed)}


# ------------------------------------------------------------------------------------------------- villages
def _read_table(row: AreaFile, path: Path) -> LoadedAreas:
    read = read_villages if row.kind == FileKind.VILLAGES else read_other_areas
    return read(path, register=current_register(), on=row.on)


def _compared(loaded: LoadedAreas, row: AreaFile) -> list[_Village]:
    """Put each area of the list beside the one of the database it is: by its code, else by name and commune.

    An area without a code of its own takes the next free number of its commune.
    """
    level = Level.VILLAGE if row.kind == FileKind.VILLAGES else Level.OTHER
    parents = {unit.parent_code for unit in loaded.areas}
    standing = list(
        in_force(AreaVersion.objects.filter(level=level, parent__code__in=parents), on=row.on).select_related(
            "area__particulars", "parent"
        )
    )
    given = {unit.code for unit, coded in zip(loaded.areas, loaded.coded, strict=True) if coded}
    codes = {version.area.code: version for version in standing}
    names = {
        (version.parent.code, version.full_name.casefold()): version for version in standing if version.parent
    }
    taken = given | set(Area.objects.filter(parent__code__in=parents).values_list("code", flat=True))
    found = []
    for unit, coded, figures in zip(loaded.areas, loaded.coded, loaded.figures.rows(), strict=True):
        present = codes.get(unit.code) if coded else names.get((unit.parent_code, unit.full_name.casefold()))
        code = unit.code if coded else present.area.code if present else _free_code(unit.code, taken)
        taken.add(code)
        unit = Unit(code, unit.level, unit.kind, unit.name, unit.parent_code, unit.valid_from, None)
        found.append(_Village(unit, figures, present, _is_same(unit, figures, present)))
    _refuse_taken(found)
    return found


def _refuse_taken(villages: Sequence[_Village]) -> None:
    """Refuse a code that belongs to an area of another commune, or to one that has ended."""
    wanted = {village.unit.code: village.unit for village in villages if village.present is None}
    codes = sorted(wanted)
    parts = (codes[start : start + 5000] for start in range(0, len(codes), 5000))
    clash = next((area for part in parts for area in Area.objects.filter(code__in=part)[:1]), None)
    if clash is not None:
        raise InputError(
            _("Mã %(code)s của %(name)s") % {"code": clash.code, "name": wanted[clash.code].full_name},
            found=_("đã là mã của %(name)s") % {"name": clash.name},
            expected=_("mã chưa từng dùng"),
            remedy=_("Sửa mã trong tệp, hoặc bỏ trống cột mã để hệ thống tự cấp"),
        )


def _free_code(code: str, taken: set[str]) -> str:
    stem, digits = code[:-3], int(code[-3:])
    while code in taken:
        digits += 1
        code = f"{stem}{digits:03d}"
    return code


def _is_same(unit: Unit, figures: tuple[Any, ...], present: AreaVersion | None) -> bool:
    if present is None or present.parent is None:
        return False
    named = (present.full_name.casefold(), present.parent.code) == (
        unit.full_name.casefold(),
        unit.parent_code,
    )
    held = getattr(present.area, "particulars", None)
    shown = (held.population, held.households, held.longitude, held.latitude) if held else (None,) * 4
    return named and shown == _figures(figures)


def _figures(figures: Sequence[Any]) -> tuple[Any, ...]:
    people, households, longitude, latitude = figures
    return (
        None if people is None else int(people), None if households is None else int(households),
        longitude, latitude,
    )  # fmt: skip


def _area(unit: Unit, parent: Area) -> Area:
    return Area(
        code=unit.code,
        name=unit.full_name,
        level=unit.level,
        parent=parent,
        path=f"{parent.path}{unit.code}/",
        valid_from=unit.valid_from,
    )


def _version(unit: Unit, area: Area) -> AreaVersion:
    return AreaVersion(
        area=area, kind=unit.kind, name=unit.name, level=unit.level, parent_id=area.parent_id, path=area.path,
        valid_from=unit.valid_from,
    )  # fmt: skip


def _renew(village: _Village, parent: Area, *, on: date) -> None:
    """Give a village its new name or commune from the day of the list; a list of the same day corrects."""
    present, unit = village.present, village.unit
    assert present is not None
    if (present.full_name, present.parent_id) == (unit.full_name, parent.pk):
        return
    area = present.area
    if present.valid_from is not None and present.valid_from >= on:
        version = present
    else:
        AreaVersion.objects.filter(pk=present.pk).update(valid_until=on)
        version = AreaVersion(area=area, level=present.level, valid_from=on, valid_until=present.valid_until)
    version.kind, version.name, version.parent, version.path = (
        unit.kind, unit.name, parent, f"{parent.path}{unit.code}/",
    )  # fmt: skip
    version.save()
    area.name, area.parent, area.path = unit.full_name, parent, version.path
    area.save()


def _write_particulars(villages: Sequence[_Village], *, on: date) -> None:
    parents = {village.unit.parent_code for village in villages}
    keys = dict(Area.objects.filter(parent__code__in=parents).values_list("code", "pk"))
    rows = [
        Particulars(
            area_id=keys[village.unit.code], population=people, households=households, longitude=longitude,
            latitude=latitude, as_of=on,
        )
        for village in villages
        if not village.same
        for people, households, longitude, latitude in [_figures(village.figures)]
        if (people, households, longitude, latitude) != (None,) * 4
    ]  # fmt: skip
    Particulars.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["area"],
        update_fields=["population", "households", "longitude", "latitude", "as_of"],
    )


def _village_lines(villages: Sequence[_Village]) -> list[str]:
    communes = len({village.unit.parent_code for village in villages})
    lines = [
        _("%(rows)s dòng ở %(communes)s đơn vị.")
        % {"rows": format_number(len(villages)), "communes": format_number(communes)}
    ]
    changed = [
        f"{village.present.full_name} → {village.unit.full_name} ({village.unit.code})"
        for village in villages
        if village.present is not None and village.present.full_name != village.unit.full_name
    ]
    if changed:
        lines.append(
            _("Đổi tên: %(names)s") % {"names": "; ".join(changed[:20]) + (" …" if changed[20:] else "")}
        )
    bare = sum(_figures(village.figures)[0] is None for village in villages)
    if bare:
        lines.append(_("%(rows)s dòng không ghi dân số.") % {"rows": format_number(bare)})
    return lines


# ----------------------------------------------------------------------------------------------- boundaries
def _borders_to_write(boundaries: BoundarySet, row: AreaFile) -> tuple[list[str], list[str]]:
    """Return the codes without a border yet and those whose border differs."""
    held = dict(
        Boundary.objects.filter(version__in=_versions_of(row)).values_list("version__area__code", "full")
    )
    full = _bytes_of(boundaries)
    fresh = [code for code in boundaries.codes if code not in held]
    return fresh, [code for code, border in held.items() if bytes(border) != full[code]]


def _store_borders(row: AreaFile, path: Path) -> dict[str, int]:
    boundaries, _report = read_boundaries(path, register=current_register(), on=row.on, level=row.level)
    fresh, changed = _borders_to_write(boundaries, row)
    counts = {
        "new": len(fresh), "changed": len(changed), "same": len(boundaries.codes) - len(fresh) - len(changed)
    }  # fmt: skip
    if not fresh and not changed:
        return counts
    full = _bytes_of(boundaries)
    simple = dict(
        zip(
            boundaries.codes,
            shapely.to_wkb(boundaries.simplified(tolerance_m=SIMPLE_METRES).polygons),
            strict=True,
        )
    )
    versions = dict(_versions_of(row).values_list("area__code", "pk"))
    source = row.source or row.filename
    Boundary.objects.bulk_create(
        [
            Boundary(version_id=versions[code], full=full[code], simple=simple[code], source=source)
            for code in (*fresh, *changed)
        ],
        batch_size=200,
        update_conflicts=True,
        unique_fields=["version"],
        update_fields=["full", "simple", "source"],
    )
    return counts


def _versions_of(row: AreaFile):  # type: ignore[no-untyped-def]
    return in_force(AreaVersion.objects.filter(level=row.level), on=row.on)


def _bytes_of(boundaries: BoundarySet) -> Mapping[str, bytes]:
    polygons: np.ndarray = shapely.to_wkb(boundaries.polygons)
    return dict(zip(boundaries.codes, polygons, strict=True))
