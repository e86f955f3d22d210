"""Histograms of many groups side by side, and how they add up."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import get_num_threads, njit

_MANY = 100_000  # from so many samples on threads pay
_PARTS_PER_THREAD = 4


@dataclass(frozen=True)
class Histograms:
    """Histograms of g groups as runs: group i has ``bins[offsets[i]:offsets[i+1]]`` ascending with ``counts``.

    offsets : int64 (g + 1,); bins : uint16 (r,); counts : uint8 (r,), or uint32 where one does not fit: add them up
        in a wider type
    """

    offsets: np.ndarray
    bins: np.ndarray
    counts: np.ndarray

    @property
    def groups(self) -> int:
        return len(self.offsets) - 1

    def of(self, group: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (bins, counts) of one group, counts as int64."""
        part = slice(self.offsets[group], self.offsets[group + 1])
        return self.bins[part], self.counts[part].astype(np.int64)

    def totals(self) -> np.ndarray:
        """Return the number of samples of each group, int64 (g,)."""
        running = np.concatenate([[0], np.cumsum(self.counts, dtype=np.int64)])
        return running[self.offsets[1:]] - running[self.offsets[:-1]]


def empty_histograms(groups: int) -> Histograms:
    """Return ``groups`` histograms without samples."""
    return Histograms(np.zeros(groups + 1, np.int64), np.empty(0, np.uint16), np.empty(0, np.uint32))


def regroup(histograms: Histograms, new_group: np.ndarray, groups: int) -> Histograms:
    """Add histograms that fall into the same new group.

    Parameters
    ----------
    new_group : int64 (g,), the new group of each old one; -1 drops it
    groups : number of new groups
    """
    order = np.argsort(new_group, kind="stable")
    order = order[new_group[order] >= 0]
    members = np.concatenate([[0], np.cumsum(np.bincount(new_group[order], minlength=groups))]).astype(
        np.int64
    )
    args = (histograms.offsets, histograms.bins, histograms.counts, order.astype(np.int64), members)
    work = np.concatenate([[0], np.cumsum(np.diff(histograms.offsets)[order])])[members]
    lengths = np.zeros(groups, np.int64)
    in_parts(lambda first, last: _merged_lengths(args, lengths, first, last), work)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    bins, counts = np.empty(offsets[-1], np.uint16), np.empty(offsets[-1], np.uint32)
    in_parts(lambda first, last: _merge(args, (offsets, bins, counts), first, last), work)
    return Histograms(offsets, bins, counts)


def concatenate(parts: list[Histograms]) -> Histograms:
    """Put the groups of several sets one after another."""
    shifts = np.cumsum([0, *[len(part.bins) for part in parts[:-1]]])
    offsets = np.concatenate(
        [[0], *[part.offsets[1:] + shift for part, shift in zip(parts, shifts, strict=True)]]
    )
    return Histograms(
        offsets.astype(np.int64),
        np.concatenate([p.bins for p in parts]),
        np.concatenate([p.counts for p in parts]),
    )


def grown(values: np.ndarray, groups: int) -> np.ndarray:
    """Return ``values`` (k,) with zeros behind it up to ``groups``, or cut off there."""
    return np.concatenate([values[:groups], np.zeros(max(0, groups - len(values)), values.dtype)])


def parts_of(running: np.ndarray) -> list[tuple[int, int]]:
    """Cut groups into (first, last) of about the same number of samples, some for each thread: none waits long.

    ``running``, int64 (g + 1,), is the number of samples before each group.
    """
    parts = _PARTS_PER_THREAD * get_num_threads() if running[-1] >= _MANY else 1
    shares = np.searchsorted(running, running[-1] * np.arange(1, parts) // parts)
    return list(itertools.pairwise([0, *shares.tolist(), len(running) - 1]))


def in_parts(work: Callable[[int, int], None], running: np.ndarray) -> None:
    """Call ``work(first group, last group)`` for the parts of :func:`parts_of` side by side."""
    parts = parts_of(running)
    if len(parts) == 1:
        work(*parts[0])
        return
    with ThreadPoolExecutor(get_num_threads()) as pool:
        for done in [pool.submit(work, first, last) for first, last in parts]:
            done.result()


@njit(cache=True, inline="always")
def _both(histograms, left, right, target):  # pragma: no cover - compiled
    """Merge two runs of ascending bins; with room in ``target`` they are written there. Returns how many bins."""
    offsets, bins, counts = histograms
    new_bins, new_counts, place = target
    at, end, other, other_end = offsets[left], offsets[left + 1], offsets[right], offsets[right + 1]
    length, fill = 0, new_bins.shape[0] > 0
    while at < end or other < other_end:
        number = 65_536
        if at < end:
            number = int(bins[at])
        if other < other_end:
            number = min(number, int(bins[other]))
        count = 0
        if at < end and bins[at] == number:
            count += counts[at]
            at += 1
        if other < other_end and bins[other] == number:
            count += counts[other]
            other += 1
        if fill:
            new_bins[place + length] = number
            new_counts[place + length] = count
        length += 1
    return length


@njit(cache=True, nogil=True)
def _merged_lengths(parts, lengths, first_group, last_group):  # pragma: no cover - compiled
    offsets, bins, counts, order, members = parts
    seen = np.zeros(65_536, np.bool_)
    nothing = (np.empty(0, np.uint16), np.empty(0, np.uint32), 0)
    for group in range(first_group, last_group):
        first, last = members[group], members[group + 1]
        if last - first == 1:
            lengths[group] = offsets[order[first] + 1] - offsets[order[first]]
        elif last - first == 2:
            lengths[group] = _both((offsets, bins, counts), order[first], order[first + 1], nothing)
        elif last > first:
            seen[:] = False
            for member in range(first, last):
                for run in range(offsets[order[member]], offsets[order[member] + 1]):
                    if not seen[bins[run]]:
                        seen[bins[run]] = True
                        lengths[group] += 1


@njit(cache=True, nogil=True)
def _merge(parts, target, first_group, last_group):  # pragma: no cover - compiled
    offsets, bins, counts, order, members = parts
    new_offsets, new_bins, new_counts = target
    dense = np.zeros(65_536, np.uint32)
    for group in range(first_group, last_group):
        first, last = members[group], members[group + 1]
        place = new_offsets[group]
        if last - first == 1:
            start, stop = offsets[order[first]], offsets[order[first] + 1]
            new_bins[place : place + stop - start] = bins[start:stop]
            new_counts[place : place + stop - start] = counts[start:stop]
        elif last - first == 2:
            _both(
                (offsets, bins, counts),
                order[first],
                order[first + 1],
                (new_bins, new_counts, place),
            )
        elif last > first:
            low, high = 65_535, 0
            for member in range(first, last):
                for run in range(offsets[order[member]], offsets[order[member] + 1]):
                    dense[bins[run]] += counts[run]
                    low, high = min(low, int(bins[run])), max(high, int(bins[run]))
            for number in range(low, high + 1):
                if dense[number] > 0:
                    new_bins[place] = number
                    new_counts[place] = dense[number]
                    place += 1
                    dense[number] = 0
