"""Reads the dated files of ``law/``: entries of one file, parsed once per process."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from hatangso.errors import InputError

LAW_FOLDER = Path(__file__).parent / "law"
_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Entry = Mapping[str, Any]


class LawLoader(_FAST_LOADER):  # type: ignore[misc]
    """Reads YAML like a safe loader; a day that does not exist stays text, for the check to name it."""

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        """Return the day, or the text as it stands when there is no such day."""
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            return node.value


LawLoader.add_constructor("tag:yaml.org,2002:timestamp", LawLoader.construct_yaml_timestamp)


@lru_cache(maxsize=128)
def read_entries(name: str, folder: Path = LAW_FOLDER) -> tuple[Entry, ...]:
    """Return the entries of ``<folder>/<name>.yml`` or ``.csv`` in the order of the file, read-only.

    Parameters
    ----------
    name : file name without its ending
    folder : the packaged ``law/`` unless a person's own folder is checked

    Returns
    -------
    One mapping per entry; a cell of a CSV that is empty is left out, so that both kinds read alike.

    Raises
    ------
    InputError
        when the file is missing or cannot be parsed, with the line.
    """
    path = find_file(name, folder)
    if path is None:
        raise InputError(
            f"Thư mục {folder}", found=f"không có {name}.yml hay {name}.csv", expected="một trong hai"
        )
    return tuple(MappingProxyType(entry) for entry in parse_entries(path))


def find_file(name: str, folder: Path = LAW_FOLDER) -> Path | None:
    """Return the file that holds the entries ``name``, or None."""
    candidates = (folder / f"{name}.yml", folder / f"{name}.csv")
    return next((path for path in candidates if path.is_file()), None)


def parse_entries(path: Path) -> list[dict[str, Any]]:
    """Parse one law file of either kind; a file that is not a list of entries is refused."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise InputError(
            f"Tệp {path.name}",
            found="không phải văn bản UTF-8",
            expected="tệp UTF-8",
            remedy="Lưu lại tệp bằng mã UTF-8",
        ) from fault
    if path.suffix == ".csv":
        rows = csv.DictReader(io.StringIO(text))
        return [{key: cell for key, cell in row.items() if cell not in ("", None)} for row in rows]
    try:
        entries = yaml.load(text, Loader=LawLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"Tệp {path.name}" + (f", dòng {mark.line + 1}, cột {mark.column + 1}" if mark else "")
        raise InputError(
            where,
            found="không đọc được như YAML",
            expected="mỗi mục bắt đầu bằng '- ' và mỗi trường viết 'tên: giá trị'",
            remedy="Xem dấu cách thụt đầu dòng, ngoặc kép và dấu hai chấm quanh dòng này",
        ) from fault
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(
            f"Tệp {path.name}", found="không phải danh sách các mục", expected="mỗi mục bắt đầu bằng '- '"
        )
    return entries
