"""Figures as the office keeps them: what units hand in, what was approved, what was computed from it."""

from hatangso_web.indicators.models.challenges import Challenge, ChallengeState, PublicAttempt
from hatangso_web.indicators.models.imports import ColumnMemory, ImportedFigure, ImportState, TableImport
from hatangso_web.indicators.models.rounds import (
    Cell,
    CellComment,
    Origin,
    Owing,
    Round,
    State,
    Step,
    Submission,
    WorkbookReturn,
)
from hatangso_web.indicators.models.scores import (
    ENTERING,
    ScoreAnswer,
    ScoreBest,
    ScoreFile,
    ScoreLine,
    ScoreRemark,
    ScoreRound,
    ScoreState,
    ScoreStep,
    Scoring,
)
from hatangso_web.indicators.models.values import Confidence, Figure, Kind, Run, Value
from hatangso_web.indicators.models.villages import Signal, Technology, VillageCoverage, VillageRecord

__all__ = [
    "ENTERING",
    "Cell",
    "CellComment",
    "Challenge",
    "ChallengeState",
    "ColumnMemory",
    "Confidence",
    "Figure",
    "ImportState",
    "ImportedFigure",
    "Kind",
    "Origin",
    "Owing",
    "PublicAttempt",
    "Round",
    "Run",
    "ScoreAnswer",
    "ScoreBest",
    "ScoreFile",
    "ScoreLine",
    "ScoreRemark",
    "ScoreRound",
    "ScoreState",
    "ScoreStep",
    "Scoring",
    "Signal",
    "State",
    "Step",
    "Submission",
    "TableImport",
    "Technology",
    "Value",
    "VillageCoverage",
    "VillageRecord",
    "WorkbookReturn",
]
