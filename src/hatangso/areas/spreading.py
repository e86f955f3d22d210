"""What is known about how a figure lies inside an area that was cut or joined: facts, weights, their source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np

from hatangso.areas.register import Change
from hatangso.errors import InputError

Figure = Literal["population", "households", "area", "other"]
Basis = Literal["", "population", "households", "area"]
BASIS_WORDS: Mapping[str, str] = {"population": "dân số", "households": "số hộ", "area": "diện tích"}
_PEOPLE = ("population", "households")


@dataclass(frozen=True)
class Spreading:
    """How a figure may be divided where an area was cut (or, going back, where areas were joined).

    Parameters
    ----------
    figure : what the figure counts; for people and households the official table's "whole population"
        notes are facts, for anything else they are an assumption
    basis : by what the figure is assumed to be spread inside an area; "" allows no assumption
    weights : (old code, new code) → people, households or km² of the piece common to both; pieces of an
        area are used only when all of them are known
    source : where the weights come from, shown with every figure that rests on them
    estimated : True when the weights themselves are an estimate (from maps and population grids)
    """

    figure: Figure = "other"
    basis: Basis = ""
    weights: Mapping[tuple[str, str], float] = field(default_factory=dict)
    source: str = ""
    estimated: bool = False

    def __post_init__(self) -> None:
        if self.weights and not (self.basis and self.source):
            raise InputError(
                "Tỷ lệ chia của các phần",
                found="không nói chia theo gì hoặc lấy từ đâu",
                expected="basis là dân số, số hộ hay diện tích, và source là nguồn",
            )
        for pair, weight in self.weights.items():
            if not (math.isfinite(weight) and weight >= 0):
                raise InputError(
                    f"Tỷ lệ chia {pair[0]} → {pair[1]}", found=str(weight), expected="số không âm"
                )
        object.__setattr__(self, "weights", MappingProxyType(dict(self.weights)))

    def divide(self, pieces: list[Change], *, whole: str) -> list[tuple[float, float] | None]:
        """Return for each piece of one area (share carried, share that is fact), or None where nobody knows.

        ``whole`` says which side is divided: "old" when the changes leave one old area, "new" when they
        enter one new area and a figure is taken back.
        """
        if whole == "new" and len(pieces) == 1:
            return [(1.0, 1.0)]
        known = [self._known(change) if whole == "old" else None for change in pieces]
        peopled = [change.population_share for change in pieces]
        if whole == "new" and self.figure in _PEOPLE and sum(share != 0.0 for share in peopled) == 1:
            return [(float(share != 0.0), float(share != 0.0)) for share in peopled]
        if all(share is not None for share in known):
            return known
        weights = [self.weights.get((change.from_code, change.to_code or "")) for change in pieces]
        if self.basis and all(weight is not None for weight in weights):
            total = sum(weight or 0.0 for weight in weights)
            if total > 0:
                return [((weight or 0.0) / total, 0.0) for weight in weights]
        if whole == "old" and self.basis in _PEOPLE and all(share is not None for share in peopled):
            return [(share or 0.0, 0.0) for share in peopled]
        return known

    def _known(self, change: Change) -> tuple[float, float] | None:
        if change.share is not None:
            return change.share, change.share
        if self.figure in _PEOPLE and change.population_share is not None:
            return change.population_share, change.population_share
        return None

    def words(self) -> str:
        """Say the assumption in words: "chia theo dân số (nguồn: …; ước tính)"."""
        if not self.basis:
            return "không dùng giả định"
        source = f" (nguồn: {self.source}{'; ước tính' if self.estimated else ''})" if self.source else ""
        return f"chia theo {BASIS_WORDS[self.basis]}{source}"


def weights_from_points(
    before: np.ndarray, after: np.ndarray, *, weight: np.ndarray
) -> dict[tuple[str, str], float]:
    """Return the weight of every piece common to an old and a new area, from points that lie in both.

    Parameters
    ----------
    before, after : (n,) codes of the area each point lies in on the old and on the new map, "" for none
    weight : (n,) people, households or km² each point stands for (cells of a population grid, addresses)

    Returns
    -------
    weights : (old code, new code) → sum of weight; an estimate, to be marked so in :class:`Spreading`
    """
    inside = (np.asarray(before) != "") & (np.asarray(after) != "")
    pairs = np.char.add(np.char.add(before[inside].astype(str), ">"), after[inside].astype(str))
    names, group = np.unique(pairs, return_inverse=True)
    sums = np.bincount(group, weights=np.asarray(weight, dtype=float)[inside], minlength=len(names))
    return {
        (name.split(">")[0], name.split(">")[1]): float(total)
        for name, total in zip(names.tolist(), sums, strict=True)
    }
