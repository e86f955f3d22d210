"""A tree of areas and the sums up it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from scipy import sparse

from hatangso.errors import InputError


class AreaTree:
    """Areas with their parents, any depth; every area is also its own descendant.

    Parameters
    ----------
    parents : area code → code of its parent, None at the top

    Raises
    ------
    InputError
        for a parent that is no area, or a circle.
    """

    def __init__(self, parents: Mapping[str, str | None]) -> None:
        self.codes: tuple[str, ...] = tuple(parents)
        self.index = {code: number for number, code in enumerate(self.codes)}
        for code, parent in parents.items():
            if parent is not None and parent not in self.index:
                raise InputError(
                    f"Địa bàn {code}", found=f"cấp trên {parent}", expected="mã có trong danh sách địa bàn"
                )
        self.parent = np.array(
            [-1 if parents[code] is None else self.index[str(parents[code])] for code in self.codes], np.int64
        )
        self.depth = self._depths()

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def above(self) -> sparse.csr_array:
        """Sparse (areas, areas): 1 where the column lies in the row (each in itself too)."""
        rows, columns = [np.arange(len(self))], [np.arange(len(self))]
        upper = self.parent.copy()
        while np.any(upper >= 0):
            has = upper >= 0
            rows.append(upper[has])
            columns.append(np.flatnonzero(has))
            upper = np.where(has, self.parent[np.maximum(upper, 0)], -1)
        row, column = np.concatenate(rows), np.concatenate(columns)
        return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(self), len(self)))

    def sum_up(self, values: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Sum the rows of ``values`` (len(units), columns) that belong to areas ``units`` into all areas above them."""
        return self.above[:, units] @ values

    def numbers(self, codes: Sequence[str]) -> np.ndarray:
        """Return the index of each code, -1 for one that is not in the tree."""
        return np.array([self.index.get(code, -1) for code in codes], np.int64)

    def _depths(self) -> np.ndarray:
        depth = np.zeros(len(self), np.int64)
        upper = self.parent.copy()
        for _ in range(len(self) + 1):
            has = upper >= 0
            if not has.any():
                return depth
            depth[has] += 1
            upper = np.where(has, self.parent[np.maximum(upper, 0)], -1)
        circle = self.codes[int(np.argmax(depth))]
        raise InputError(f"Cây địa bàn có vòng tròn ở {circle}", remedy="Sửa cột cấp trên")
