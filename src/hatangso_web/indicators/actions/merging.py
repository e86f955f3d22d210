"""Two people in one cell: what each really wrote against what stands; the later one never wins silently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hatangso.errors import InputError
from hatangso.indicators.checks import known_variable, read_figure, write_figure
from hatangso_web.indicators.models import Cell, Origin, TableImport
from hatangso_web.indicators.queries.sheets import Conflict, Key, Sheet, SheetCell

Written = Mapping[Key, tuple[object, str]]


@dataclass(frozen=True)
class Entry:
    """How cells come in.

    seen : what the person's page showed in the cells, figure and word; without it nothing is held against it
    looked_at : prefilled cells the person stands for as they are
    keep : cells where somebody else was first and the person keeps what stands
    origin, table_import : where the figures come from
    """

    seen: Mapping[Key, tuple[str, str]] | None = None
    looked_at: frozenset[Key] = frozenset()
    keep: frozenset[Key] = frozenset()
    origin: str = Origin.TYPED
    table_import: TableImport | None = None


def merge(
    written: Written, stored: Mapping[Key, Cell], entry: Entry
) -> tuple[dict[Key, tuple[object, str]], dict[Key, Conflict]]:
    """Return what the person really wrote, and where somebody else was first.

    Figure and word are merged apart: who mends a figure does not clash with who explains it. What the person left
    as their page showed it takes what stands now.
    """
    if entry.seen is None:
        return dict(written), {}
    merged: dict[Key, tuple[object, str]] = {}
    conflicts: dict[Key, Conflict] = {}
    for key, (figure, word) in written.items():
        former, shown = stored.get(key), entry.seen.get(key, ("", ""))
        wrote_figure, wrote_word = not same_figure(key[1], figure, shown[0]), word != shown[1]
        if key in entry.keep or not (wrote_figure or wrote_word or key in entry.looked_at):
            continue
        if former is None:
            merged[key] = (figure, word)
            continue
        clash = wrote_figure and _moved(key, figure, (former.value, shown[0]))
        if clash or (wrote_word and former.explanation not in (shown[1], word)):
            conflicts[key] = _conflict(key, former)
            merged[key] = (figure, word)
        else:
            merged[key] = (
                figure if wrote_figure else former.value,
                word if wrote_word else former.explanation,
            )
    return merged, conflicts


def same_figure(code: str, first: object, second: object) -> bool:
    """Whether two ways of writing a figure mean the same; what cannot be read is compared as it stands."""
    variable = known_variable(code)
    if variable is None:
        return first == second
    try:
        return read_figure(variable, first) == read_figure(variable, second)
    except InputError:
        return str(first).strip() == str(second).strip()


def show_conflicts(sheet: Sheet, conflicts: Mapping[Key, Conflict], written: Written) -> Sheet:
    """Show in the cells of a conflict what the person wrote beside what stands."""
    if not conflicts:
        return sheet
    rows = tuple(
        (area, tuple(_shown(cell, conflicts, written) for cell in cells)) for area, cells in sheet.rows
    )
    return replace(sheet, rows=rows)


def _moved(key: Key, figure: object, was: tuple[float | None, str]) -> bool:
    """Whether what stands is neither what the page showed nor what the person wrote."""
    stands, shown = was
    return not same_figure(key[1], stands, shown) and not same_figure(key[1], stands, figure)


def _conflict(key: Key, former: Cell) -> Conflict:
    variable = known_variable(key[1])
    stands = write_figure(variable, former.value) if variable else str(former.value)
    return Conflict(stands, former.explanation, former.changed_by.full_name, former.changed_at)


def _shown(cell: SheetCell, conflicts: Mapping[Key, Conflict], written: Written) -> SheetCell:
    if (conflict := conflicts.get(cell.key)) is None:
        return cell
    return replace(cell, written=str(written[cell.key][0]), conflict=conflict)
