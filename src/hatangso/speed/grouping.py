"""Samples → one histogram per group, in one pass over chunks: counting sort by group, radix sort of 16-bit bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from hatangso.speed.histogram import FLOAT32_ROUNDING, NOTHING, code_of

MOST_PENDING = 60_000_000  # samples kept unsorted before they are folded into runs: bounds the memory
_THREADS = 2


@dataclass(frozen=True)
class Histograms:
    """Histograms of g groups as runs: group i has ``bins[offsets[i]:offsets[i+1]]`` ascending with ``counts``.

    offsets : int64 (g + 1,); bins : uint16 (r,); counts : uint32 (r,)
    """

    offsets: np.ndarray
    bins: np.ndarray
    counts: np.ndarray

    @property
    def groups(self) -> int:
        return len(self.offsets) - 1

    def of(self, group: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (bins, counts) of one group."""
        part = slice(self.offsets[group], self.offsets[group + 1])
        return self.bins[part], self.counts[part]

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
    lengths = _merged_lengths(*args)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    bins, counts = np.empty(offsets[-1], np.uint16), np.empty(offsets[-1], np.uint32)
    _merge(*args, offsets, bins, counts)
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


class Accumulator:
    """Collects chunks of (group, value) for several measures and gives histograms and exact sums.

    The number of groups may grow from chunk to chunk; memory stays bounded because unsorted samples are folded into
    runs every :data:`MOST_PENDING` samples.
    """

    def __init__(self, groups: int, measures: tuple[str, ...]) -> None:
        self.groups, self.measures = groups, measures
        self.samples = np.zeros(groups, np.int64)
        self.sums = {measure: np.zeros(groups, np.int64) for measure in measures}
        self._offsets: list[np.ndarray] = []
        self._codes: dict[str, list[np.ndarray]] = {measure: [] for measure in measures}
        self._done = {measure: empty_histograms(groups) for measure in measures}
        self._pending = 0

    def add(self, group: np.ndarray, values: dict[str, np.ndarray], *, groups: int | None = None) -> None:
        """Take a chunk.

        Parameters
        ----------
        group : int32 (n,), -1 = belongs nowhere
        values : measure → float (n,), Mb/s or ms; NaN or negative = missing
        groups : the number of groups known by now
        """
        self.groups = max(self.groups, groups or 0)
        starts, offsets = _starts(group, self.groups, _THREADS)
        self._offsets.append(offsets)
        self.samples = grown(self.samples, self.groups) + np.diff(offsets)
        for measure in self.measures:
            grouped = np.empty(offsets[-1], np.uint16)
            tolerance = FLOAT32_ROUNDING if values[measure].dtype == np.float32 else 0.0
            sums = _scatter(group, values[measure], starts.copy(), grouped, tolerance)
            self.sums[measure] = grown(self.sums[measure], self.groups) + sums
            self._codes[measure].append(grouped)
        self._pending += int(offsets[-1])
        if self._pending > MOST_PENDING:
            self._fold()

    def finish(self) -> dict[str, Histograms]:
        """Return the histograms of all that was added."""
        self._fold()
        return {measure: _padded(done, self.groups) for measure, done in self._done.items()}

    def _fold(self) -> None:
        if not self._offsets:
            return
        chunk_offsets = np.stack([_pad(offsets, self.groups) for offsets in self._offsets])
        sizes = np.diff(chunk_offsets, axis=1).sum(axis=0)
        whole = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        for measure in self.measures:
            chunks, self._codes[measure] = self._codes[measure], []
            fresh = _runs_of(_gathered(chunks, chunk_offsets, whole), whole)
            known = _padded(self._done[measure], self.groups)
            if len(known.bins):
                both = np.tile(np.arange(self.groups, dtype=np.int64), 2)
                fresh = regroup(concatenate([known, fresh]), both, self.groups)
            self._done[measure] = fresh
        self._offsets, self._pending = [], 0


def grown(values: np.ndarray, groups: int) -> np.ndarray:
    """Return ``values`` (k,) with zeros behind it up to ``groups``."""
    return np.concatenate([values, np.zeros(groups - len(values), values.dtype)])


def _gathered(chunks: list[np.ndarray], chunk_offsets: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Bring the pieces of each group together; empties ``chunks`` on the way to free their memory."""
    codes = np.empty(whole[-1], np.uint16)
    position = whole[:-1].copy()
    for offsets in chunk_offsets:
        _gather(chunks.pop(0), offsets, position, codes)
    return codes


def _pad(offsets: np.ndarray, groups: int) -> np.ndarray:
    return np.concatenate([offsets, np.full(groups + 1 - len(offsets), offsets[-1])])


def _padded(histograms: Histograms, groups: int) -> Histograms:
    return Histograms(_pad(histograms.offsets, groups), histograms.bins, histograms.counts)


def _runs_of(codes: np.ndarray, offsets: np.ndarray) -> Histograms:
    lengths = _sort_groups(codes, offsets)
    run_offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    bins, counts = np.empty(run_offsets[-1], np.uint16), np.empty(run_offsets[-1], np.uint32)
    _write_runs(codes, offsets, run_offsets, bins, counts)
    return Histograms(run_offsets, bins, counts)


@njit(cache=True, parallel=True)
def _count(group, groups, threads):  # pragma: no cover - compiled
    counts = np.zeros((threads, groups), np.int64)
    length = group.shape[0]
    for thread in prange(threads):
        for index in range(length * thread // threads, length * (thread + 1) // threads):
            if group[index] >= 0:
                counts[thread, group[index]] += 1
    return counts


def _starts(group: np.ndarray, groups: int, threads: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each thread writes each group, int64 (threads, groups), and the offsets of groups, int64 (groups + 1,)."""
    counts = _count(group, groups, threads)
    offsets = np.concatenate([[0], np.cumsum(counts.sum(axis=0))]).astype(np.int64)
    before = np.vstack([np.zeros((1, groups), np.int64), np.cumsum(counts, axis=0)[:-1]])
    return offsets[:-1][None, :] + before, offsets


@njit(cache=True, parallel=True)
def _scatter(group, values, starts, grouped, tolerance):  # pragma: no cover - compiled
    """Write each value's bin to its group's place; returns the sums by group in thousandths."""
    threads, length, groups = starts.shape[0], group.shape[0], starts.shape[1]
    totals = np.zeros((threads, groups), np.int64)
    for thread in prange(threads):
        for index in range(length * thread // threads, length * (thread + 1) // threads):
            number = group[index]
            if number >= 0:
                value = float(values[index])
                grouped[starts[thread, number]] = code_of(value, tolerance)
                starts[thread, number] += 1
                if value >= 0.0:
                    totals[thread, number] += np.int64(np.rint(value * 1000.0))
    return totals.sum(axis=0)


@njit(cache=True, parallel=True)
def _gather(chunk, offsets, position, codes):  # pragma: no cover - compiled
    for group in prange(offsets.shape[0] - 1):
        start, stop, target = offsets[group], offsets[group + 1], position[group]
        for index in range(start, stop):
            codes[target + index - start] = chunk[index]
        position[group] = target + stop - start


@njit(cache=True, parallel=True)
def _sort_groups(codes, offsets):  # pragma: no cover - compiled
    """Sort each group's codes in place (radix, two bytes) and count its different bins, missing ones left out."""
    groups = offsets.shape[0] - 1
    lengths = np.zeros(groups, np.int64)
    for group in prange(groups):
        part = codes[offsets[group] : offsets[group + 1]]
        size = part.shape[0]
        if size > 64:
            spare = np.empty(size, np.uint16)
            low, high = np.zeros(257, np.int64), np.zeros(257, np.int64)
            for index in range(size):
                low[(part[index] & 255) + 1] += 1
                high[(part[index] >> 8) + 1] += 1
            for byte in range(256):
                low[byte + 1] += low[byte]
                high[byte + 1] += high[byte]
            for index in range(size):
                byte = part[index] & 255
                spare[low[byte]] = part[index]
                low[byte] += 1
            for index in range(size):
                byte = spare[index] >> 8
                part[high[byte]] = spare[index]
                high[byte] += 1
        else:
            for index in range(1, size):
                value, place = part[index], index
                while place > 0 and part[place - 1] > value:
                    part[place] = part[place - 1]
                    place -= 1
                part[place] = value
        runs = 0
        for index in range(size):
            if part[index] == NOTHING:
                break
            if index == 0 or part[index] != part[index - 1]:
                runs += 1
        lengths[group] = runs
    return lengths


@njit(cache=True, parallel=True)
def _write_runs(codes, offsets, run_offsets, bins, counts):  # pragma: no cover - compiled
    for group in prange(offsets.shape[0] - 1):
        run = run_offsets[group] - 1
        for index in range(offsets[group], offsets[group + 1]):
            if codes[index] == NOTHING:
                break
            if index == offsets[group] or codes[index] != codes[index - 1]:
                run += 1
                bins[run] = codes[index]
                counts[run] = 1
            else:
                counts[run] += 1


@njit(cache=True, parallel=True)
def _merged_lengths(offsets, bins, counts, order, members):  # pragma: no cover - compiled
    groups = members.shape[0] - 1
    lengths = np.zeros(groups, np.int64)
    for group in prange(groups):
        first, last = members[group], members[group + 1]
        if last - first == 1:
            lengths[group] = offsets[order[first] + 1] - offsets[order[first]]
        elif last > first:
            seen = np.zeros(65_536, np.bool_)
            for member in range(first, last):
                for run in range(offsets[order[member]], offsets[order[member] + 1]):
                    if not seen[bins[run]]:
                        seen[bins[run]] = True
                        lengths[group] += 1
    return lengths


@njit(cache=True, parallel=True)
def _merge(
    offsets, bins, counts, order, members, new_offsets, new_bins, new_counts
):  # pragma: no cover - compiled
    for group in prange(members.shape[0] - 1):
        first, last = members[group], members[group + 1]
        target = new_offsets[group]
        if last - first == 1:
            for run in range(offsets[order[first]], offsets[order[first] + 1]):
                new_bins[target] = bins[run]
                new_counts[target] = counts[run]
                target += 1
        elif last > first:
            dense = np.zeros(65_536, np.uint32)
            for member in range(first, last):
                for run in range(offsets[order[member]], offsets[order[member] + 1]):
                    dense[bins[run]] += counts[run]
            for number in range(65_536):
                if dense[number] > 0:
                    new_bins[target] = number
                    new_counts[target] = dense[number]
                    target += 1
