"""Candidate sites × demand points: who would be served by what, as a sparse matrix for siting, streamed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from hatangso.errors import InputError
from hatangso.geo import geodesic_distance_m
from hatangso.radio.area import Mast
from hatangso.radio.calibration import Calibration
from hatangso.radio.clutter import UNKNOWN
from hatangso.radio.coverage import CoverageParameters, Hands, Kept
from hatangso.radio.grid import Grid
from hatangso.radio.masts import mast_loss
from hatangso.radio.served import Need, service_probability

Rows = tuple[list[np.ndarray], list[np.ndarray]]


@dataclass(frozen=True)
class Candidate:
    """A place where a station could stand, with its antenna's height and what it would send per resource element."""

    candidate_id: str
    lon: float
    lat: float
    height_m: float
    frequency_ghz: float = 1.8
    element_eirp_dbm: float = 31.0


@dataclass(frozen=True)
class Rules:
    """What counts as served: the signal needed, and the share of places below which an entry is left out.

    ``calibration`` corrects the signal by distance and by ``cover``, the name of the land cover at each place.
    """

    need: Need
    least_share: float = 0.05
    calibration: Calibration | None = None
    cover: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.least_share < 1:
            raise InputError("least_share", found=f"{self.least_share}", expected="lớn hơn 0, nhỏ hơn 1")


@dataclass(frozen=True)
class CandidateTask:
    """Candidates of one task with their piece of terrain and all demand points: degrees (lon, lat)."""

    candidates: tuple[Candidate, ...]
    grid: Grid
    lon: np.ndarray
    lat: np.ndarray
    parameters: CoverageParameters
    rules: Rules


@dataclass(frozen=True)
class Ground:
    """Where candidates are tried: the terrain and the parameters of the sweep."""

    grid: Grid
    parameters: CoverageParameters


def candidate_matrix(
    candidates: Sequence[Candidate],
    places: pl.DataFrame,
    *,
    ground: Ground,
    rules: Rules,
    hands: Hands | None = None,
) -> sparse.csr_matrix:
    """Return the share of places served (0-1) of every candidate at every demand point: CSR (candidates, places).

    The rows are what :class:`hatangso.siting` takes as ``start``, ``demand`` and ``share`` (``indptr``, ``indices``,
    ``data``); see :func:`candidate_rows`.
    """
    indptr, indices, shares = [0], [np.empty(0, np.int32)], [np.empty(0, np.float32)]
    where = np.empty(len(candidates), dtype=np.int64)
    rows = candidate_rows(candidates, places, ground=ground, rules=rules, hands=hands)
    for done, (number, found, share) in enumerate(rows):
        where[number] = done
        indices.append(found)
        shares.append(share)
        indptr.append(indptr[-1] + found.size)
    matrix = sparse.csr_matrix(
        (np.concatenate(shares), np.concatenate(indices), np.array(indptr)),
        shape=(len(candidates), places.height),
    )
    return matrix[where]


def candidate_rows(
    candidates: Sequence[Candidate],
    places: pl.DataFrame,
    *,
    ground: Ground,
    rules: Rules,
    hands: Hands | None = None,
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield every candidate's number, the places it serves (int32) and their shares (float32).

    Antennas send round; loss is P.1812 on each candidate's own sweep. Candidates come in an order of place (from south
    to north, west to east) that does not depend on the hands. One task's rasters are in memory at a time per hand.
    ``places`` has columns ``lon`` and ``lat``. Tasks that ``hands.kept`` holds from a stopped run are not done again.
    """
    hands = hands or Hands()
    tasks = list(_tasks(candidates, places, ground, rules, hands.per_task))
    ready = {} if hands.kept is None else _kept_rows(hands.kept, len(tasks))
    for number in ready:
        hands.progress(len(tasks[number][1]))
    missing = [number for number in range(len(tasks)) if number not in ready]
    following = 0
    for position, piece in hands.run(serve_candidates, [tasks[number][0] for number in missing]):
        number = missing[position]
        ready[number] = piece
        if hands.kept is not None:
            hands.kept.save(number, _arrays_of(piece))
        hands.progress(len(tasks[number][1]))
        while following in ready:
            yield from zip(tasks[following][1], *ready.pop(following), strict=True)
            following += 1
    for number in range(following, len(tasks)):
        yield from zip(tasks[number][1], *ready.pop(number), strict=True)


def serve_candidates(task: CandidateTask) -> Rows:
    """Return for each candidate of a task the demand points served and their shares."""
    found, shares = [], []
    rows, columns = task.grid.indices(task.lon, task.lat)
    r, c = np.rint(rows).astype(int), np.rint(columns).astype(int)
    for candidate in task.candidates:
        window = task.grid.window(candidate.lon, candidate.lat, task.parameters.radius_km + 0.1)
        top, bottom, left, right = window
        mast = Mast(candidate.lon, candidate.lat, candidate.height_m)
        loss = mast_loss(task.grid.part(window), mast, (candidate.frequency_ghz,), task.parameters)[0]
        inside = np.flatnonzero((r >= top) & (r < bottom) & (c >= left) & (c < right))
        signal = candidate.element_eirp_dbm - loss[r[inside] - top, c[inside] - left]
        if task.rules.calibration is not None:
            signal = _corrected(signal, task.rules.calibration, candidate, task=task, inside=inside)
        share = np.nan_to_num(service_probability(signal, task.rules.need))
        keep = share >= task.rules.least_share
        found.append(inside[keep].astype(np.int32))
        shares.append(share[keep].astype(np.float32))
    return found, shares


def _corrected(
    signal: np.ndarray,
    calibration: Calibration,
    candidate: Candidate,
    *,
    task: CandidateTask,
    inside: np.ndarray,
) -> np.ndarray:
    away_m = geodesic_distance_m((candidate.lon, task.lon[inside]), (candidate.lat, task.lat[inside]))
    cover = np.array(task.rules.cover or (UNKNOWN,))
    kinds = cover[inside] if task.rules.cover else np.full(inside.size, UNKNOWN)
    return calibration.corrected(signal, away_m / 1000, kinds)


def _arrays_of(piece: Rows) -> dict[str, np.ndarray]:
    found, shares = piece
    return {
        "sizes": np.array([row.size for row in found]), "found": np.concatenate(found), "share": np.concatenate(shares),
    }  # fmt: skip


def _kept_rows(kept: Kept, count: int) -> dict[int, Rows]:
    ready: dict[int, Rows] = {}
    for number in range(count):
        arrays = kept.load(number)
        if arrays is not None:
            ends = np.cumsum(arrays["sizes"])[:-1]
            ready[number] = np.split(arrays["found"], ends), np.split(arrays["share"], ends)
    return ready


def _tasks(
    candidates: Sequence[Candidate], places: pl.DataFrame, ground: Ground, rules: Rules, per_task: int
) -> Iterator[tuple[CandidateTask, list[int]]]:
    grid, parameters = ground.grid, ground.parameters
    lon, lat = places["lon"].to_numpy(), places["lat"].to_numpy()
    order = np.lexsort(([c.lon for c in candidates], [round(c.lat, 1) for c in candidates]))
    for start in range(0, len(candidates), per_task):
        numbers = [int(n) for n in order[start : start + per_task]]
        group = tuple(candidates[n] for n in numbers)
        windows = np.array([grid.window(c.lon, c.lat, parameters.radius_km + 0.1) for c in group])
        top, bottom = int(windows[:, 0].min()), int(windows[:, 1].max())
        left, right = int(windows[:, 2].min()), int(windows[:, 3].max())
        part = grid.part((top, bottom, left, right))
        yield CandidateTask(group, part, lon, lat, parameters, rules), numbers
