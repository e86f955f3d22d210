"""The area a row of a table means: by code, by written name (also a former one), or by its point."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hatangso.areas.lineage import successors
from hatangso.areas.register import Area, Register
from hatangso.errors import InputError
from hatangso.placenames.search import PlaceIndex
from hatangso.vietnamese import fold

_TOTALS = re.compile(r"(?:tong(?: cong| so)?|cong|toan (?:tinh|xa|huyen|thanh pho)|chung)\b[ :.]*$")
_SURE, _CLEARLY = 0.75, 0.03  # an area of another day counts 0.04 less: it is no rival
_CODE_DIGITS = 5


@dataclass(frozen=True)
class Place:
    """What a row says of its place; anything may be missing."""

    code: str = ""
    name: str = ""
    upper: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Placed:
    """The commune a row belongs to, or nothing with the reason; ``note`` says when a former unit was followed."""

    area_code: str = ""
    note: str = ""
    fault: str = ""
    is_former: bool = False


@dataclass
class PlaceFinder:
    """Finds communes in force on a day below one area; each different place is asked once.

    at : the commune of a point (longitude, latitude in degrees), ``""`` where none; None when borders are not known
    """

    register: Register
    index: PlaceIndex
    on: datetime.date
    within: str
    at: Callable[[float, float], str] | None = None
    _known: dict[Place, Placed] = field(default_factory=dict)

    def find(self, place: Place) -> Placed:
        """Return the commune a row means: its code goes before its name, its name before its point."""
        if place not in self._known:
            self._known[place] = self._find(place)
        return self._known[place]

    def _find(self, place: Place) -> Placed:
        if place.code:
            return self._by_code(place.code)
        if place.name:
            return self._by_name(place)
        if place.lon is not None and place.lat is not None:
            return self._by_point(place.lon, place.lat)
        return Placed(fault="không ghi địa bàn; cần mã xã, tên xã hoặc tọa độ")

    def _by_code(self, written: str) -> Placed:
        code = written
        if code not in self.register and code.isdecimal():
            code = code.zfill(_CODE_DIGITS)  # a spreadsheet took the leading zeros away
        if code not in self.register:
            return Placed(fault=f"mã '{written}' không có trong danh mục địa bàn")
        return self._in_force(self.register.versions(code)[-1])

    def _by_name(self, place: Place) -> Placed:
        words = f"{place.name}, {place.upper}" if place.upper else place.name
        matches = [
            match
            for match in self.index.find(words, on=self.on, within=self.within, limit=8)
            if match.area.level == "commune" and match.score >= _SURE
        ]
        found: dict[str, Placed] = {}
        for match in matches:
            if match.score < matches[0].score - _CLEARLY:
                break
            settled = self._in_force(match.area)
            if not settled.note and f" {fold(match.area.name)} " not in f" {fold(place.name)} ":
                settled = replace(settled, note=f"'{place.name}' được đọc là {match.area.full_name}")
            if settled.fault and not found:
                return settled
            if settled.area_code:
                found.setdefault(settled.area_code, settled)
        if not found:
            return Placed(
                fault=f"không tìm thấy '{words}' trong địa bàn; kiểm tra lại cách viết hoặc ghi mã xã"
            )
        if len(found) > 1:
            names = ", ".join(f"{self._name(code)} ({code})" for code in found)
            return Placed(fault=f"'{words}' có thể là {names}; hãy ghi mã xã")
        return next(iter(found.values()))

    def _by_point(self, lon: float, lat: float) -> Placed:
        if self.at is None:
            return Placed(fault="chỉ có tọa độ, mà ranh giới các xã chưa nạp; hãy thêm cột mã xã")
        code = self.at(lon, lat)
        if not code:
            return Placed(fault=f"tọa độ {lon:g}, {lat:g} nằm ngoài địa bàn")
        return Placed(code)

    def _in_force(self, area: Area) -> Placed:
        """Bring a unit to the commune that holds its land on the day."""
        if area.level == "village" and area.is_in_force(self.on) and area.parent_code in self.register:
            area = self.register.versions(area.parent_code)[-1]
        if area.is_in_force(self.on):
            return self._inside(area, "")
        if area.valid_until is None or area.valid_until > self.on:
            return Placed(fault=f"{area.full_name} ({area.code}) chưa có vào ngày {self.on:%d/%m/%Y}")
        last_day = area.valid_until - datetime.timedelta(days=1)
        after = successors(self.register, area.code, since=last_day, to=self.on)
        if len(after) == 1:
            now = after[0].area
            inside = self._inside(now, f"{area.full_name} (cũ) nay là {now.full_name}")
            return replace(inside, is_former=not inside.fault)
        names = ", ".join(f"{each.area.full_name} ({each.area.code})" for each in after) or "không đơn vị nào"
        return Placed(
            fault=f"{area.full_name} ({area.code}) không còn; nay thuộc {names}; hãy ghi đơn vị mới"
        )

    def _inside(self, area: Area, note: str) -> Placed:
        if area.level != "commune":
            return Placed(fault=f"{area.full_name} không phải xã, phường; cần số của từng xã")
        if area.code != self.within and self.within not in self._above(area):
            return Placed(fault=f"{area.full_name} ({area.code}) nằm ngoài địa bàn được nạp")
        return Placed(area.code, note)

    def _above(self, area: Area) -> set[str]:
        found: set[str] = set()
        while area.parent_code and area.parent_code in self.register and area.parent_code not in found:
            found.add(area.parent_code)
            try:
                area = self.register.area(area.parent_code, on=self.on)
            except InputError:
                break
        return found

    def _name(self, code: str) -> str:
        return self.register.versions(code)[-1].full_name


def is_total(text: str) -> bool:
    """Say whether a cell names a total and no place: "Tổng cộng", "Toàn tỉnh"."""
    return bool(_TOTALS.fullmatch(fold(text).strip()))
