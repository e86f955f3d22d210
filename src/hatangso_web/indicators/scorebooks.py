"""Scorings as workbooks: the ranking of a round, the sheet of a unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso.periods import parse_period
from hatangso_web.indicators.models import ScoreRound
from hatangso_web.indicators.queries.scores import ScoredLine, ScoreSheet
from hatangso_web.screen.workbooks import Sheet, printed_on, write_workbook


def round_book(round_: ScoreRound, sheets: Sequence[ScoreSheet]) -> bytes:
    """Return the ranking with the points of every group, and every line of every unit."""
    about = _about(round_, sheets[0].notes if sheets else ())
    groups = [group.group for group in sheets[0].groups] if sheets else []
    ranking = Sheet(
        _("Xếp hạng"),
        [(_("Hạng"), 8), (_("Địa bàn"), 30), (_("Trạng thái"), 24), *((f"{group.name_vi} ({group.maximum:g})", 14) for group in groups), (_("Tổng"), 10), (_("Chưa rõ"), 10)],
        [
            [sheet.rank, sheet.scoring.area.name, str(sheet.scoring.get_state_display()), *(round(group.points, 2) for group in sheet.groups), round(sheet.points, 2), round(sheet.unknown, 2)]
            for sheet in sheets
        ],
        about,
    )  # fmt: skip
    lines = Sheet(
        _("Từng tiêu chí"),
        [(_("Địa bàn"), 30), *_columns()],
        [[sheet.scoring.area.name, *_row(line)] for sheet in sheets for line in sheet.lines],
        about,
    )
    return write_workbook([ranking, lines])


def scoring_book(sheet: ScoreSheet) -> bytes:
    """Return the sheet of one unit."""
    about = [sheet.scoring.area.name, *_about(sheet.scoring.round, sheet.notes)]
    rows: list[list[Any]] = []
    for group in sheet.groups:
        rows.append(
            ["", group.group.name_vi, None, group.group.maximum, round(group.points, 2), None, "", "", "", ""]
        )
        rows += [_row(line) for line in group.lines]
    rows.append(["", _("Tổng"), None, sheet.edition.total, round(sheet.points, 2), None, "", "", "", ""])
    rows.append(["", _("Chưa rõ"), None, None, round(sheet.unknown, 2), None, "", "", "", ""])
    return write_workbook([Sheet(_("Bảng điểm"), _columns(), rows, about)])


def _columns() -> list[tuple[str, float]]:
    return [
        (_("Mã"), 14), (_("Tiêu chí"), 44), (_("Kết quả"), 12), (_("Tối đa"), 9), (_("Điểm"), 9),
        (_("Điểm vòng 1"), 11), (_("Cách tính"), 50), (_("Giải trình"), 40), (_("Minh chứng"), 30), (_("Góp ý"), 40),
    ]  # fmt: skip


def _row(line: ScoredLine) -> list[Any]:
    reason = line.fixed.reason if line.fixed else ""
    return [
        line.criterion.code,
        line.criterion.name_vi,
        line.answer.value,
        line.line.maximum,
        _("chưa rõ") if line.points is None else round(line.points, 2),
        None if line.first is None else round(line.first, 2),
        " ".join(part for part in (line.line.words, line.basis, reason) if part),
        line.explanation,
        "; ".join(file.filename for file in line.files),
        "; ".join(remark.text for remark in line.remarks),
    ]


def _about(round_: ScoreRound, notes: Sequence[str]) -> list[str]:
    return [
        f"{round_.name} · {round_.edition} · {parse_period(round_.period).name_vi}",
        *notes,
        printed_on(timezone.now()),
    ]
