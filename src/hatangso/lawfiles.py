"""Reads the dated files of ``law/``: entries of one file, parsed once per process."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

LAW_FOLDER = Path(__file__).parent / "law"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Entry = Mapping[str, Any]


@lru_cache(maxsize=64)
def read_entries(name: str, folder: Path = LAW_FOLDER) -> tuple[Entry, ...]:
    """Return the entries of ``law/<name>.yml`` or ``law/<name>.csv`` in the order of the file."""
    table = folder / f"{name}.csv"
    if table.exists():
        with table.open(encoding="utf-8", newline="") as stream:
            return tuple(MappingProxyType(row) for row in csv.DictReader(stream))
    text = (folder / f"{name}.yml").read_text(encoding="utf-8")
    return tuple(MappingProxyType(entry) for entry in yaml.load(text, Loader=_LOADER) or [])
