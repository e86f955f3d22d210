"""Samples → one histogram per group, in one pass over chunks: counting sort by group, radix sort of 16-bit bins."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numba import get_num_threads, njit

from hatangso.speed.histogram import FLOAT32_ROUNDING, NOTHING, code_of

MOST_PENDING = 100_000_000  # samples kept unsorted before they are folded into runs: bounds the memory
CHUNK = 1_000_000  # samples grouped at a time: what is written to stays in near memory
_MANY = 100_000  # from so many samples on threads pay


@dataclass(frozen=True)
class Histograms:
    """Histograms of g groups as runs: group i has ``bins[offsets[i]:offsets[i+1]]`` ascending with ``counts``.

    offsets : int64 (g + 1,); bins : uint16 (r,); counts : uint16 (r,), or uint32 where a group is too large for it
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
    work = np.concatenate([[0], np.cumsum(np.diff(histograms.offsets)[order])])[members]
    lengths = np.zeros(groups, np.int64)
    _in_parts(lambda first, last: _merged_lengths(args, lengths, first, last), work)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    bins, counts = np.empty(offsets[-1], np.uint16), np.empty(offsets[-1], np.uint32)
    _in_parts(lambda first, last: _merge(args, (offsets, bins, counts), first, last), work)
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

    Several threads may add at the same time: the answer depends neither on the order nor on how samples are cut into
    chunks. The number of groups may grow on the way; memory stays bounded because unsorted samples, kept as 16-bit
    bins, are folded into runs every :data:`MOST_PENDING` samples.
    """

    def __init__(self, groups: int, measures: tuple[str, ...]) -> None:
        self.groups, self.measures = groups, measures
        self.samples = np.zeros(groups, np.int64)
        self.sums = {measure: np.zeros(groups, np.int64) for measure in measures}
        self._offsets: list[np.ndarray] = []
        self._codes: dict[str, list[np.ndarray]] = {measure: [] for measure in measures}
        self._done = {measure: empty_histograms(groups) for measure in measures}
        self._pending, self._lock = 0, threading.Lock()

    def add(self, group: np.ndarray, values: dict[str, np.ndarray], *, groups: int | None = None) -> None:
        """Take a chunk.

        Parameters
        ----------
        group : int32 (n,), -1 = belongs nowhere
        values : measure → float (n,), Mb/s or ms; NaN or negative = missing
        groups : the number of groups known by now
        """
        known = max(self.groups, groups or 0)
        for start in range(0, len(group), CHUNK):
            part = slice(start, start + CHUNK)
            self._add_chunk(group[part], {name: values[name][part] for name in self.measures}, known)

    def _add_chunk(self, group: np.ndarray, values: dict[str, np.ndarray], groups: int) -> None:
        sizes = _count(group, groups)
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        codes, sums = {}, {}
        for measure, column in values.items():
            tolerance = FLOAT32_ROUNDING if column.dtype == np.float32 else 0.0
            codes[measure] = np.empty(offsets[-1], np.uint16)
            sums[measure] = _scatter(group, column, (offsets[:-1].copy(), codes[measure]), tolerance)
        with self._lock:
            self.groups = max(self.groups, groups)
            self.samples = _plus(self.samples, sizes, self.groups)
            for measure in self.measures:
                self.sums[measure] = _plus(self.sums[measure], sums[measure], self.groups)
                self._codes[measure].append(codes[measure])
            self._offsets.append(offsets)
            self._pending += int(offsets[-1])
            if self._pending > MOST_PENDING:
                self._fold(np.arange(self.groups))

    def finish(self, rank: np.ndarray | None = None) -> dict[str, Histograms]:
        """Return the histograms of all that was added; group g stands at ``rank[g]`` when ``rank`` is given."""
        self._fold(np.arange(self.groups) if rank is None else rank)
        return self._done

    def _fold(self, rank: np.ndarray) -> None:
        """Sort what is pending, add it to what is done, and bring the groups into the order of ``rank``."""
        every = np.arange(self.groups)
        chunk_offsets = [_pad(offsets, self.groups) for offsets in self._offsets]
        sizes = np.zeros(self.groups, np.int64)
        for offsets in chunk_offsets:
            sizes += np.diff(offsets)
        for measure in self.measures:
            chunks, self._codes[measure] = self._codes[measure], []
            known = _padded(self._done[measure], self.groups)
            place = rank if len(known.bins) == 0 else every
            fresh = _runs_of(*_gathered(chunks, chunk_offsets, (sizes, place)))
            if len(known.bins):
                fresh = regroup(concatenate([known, fresh]), np.tile(rank, 2), self.groups)
            self._done[measure] = fresh
        self._offsets, self._pending = [], 0


def _plus(total: np.ndarray, part: np.ndarray, groups: int) -> np.ndarray:
    total = grown(total, groups)
    total[: len(part)] += part
    return total


def grown(values: np.ndarray, groups: int) -> np.ndarray:
    """Return ``values`` (k,) with zeros behind it up to ``groups``."""
    return np.concatenate([values, np.zeros(groups - len(values), values.dtype)])


def _gathered(
    chunks: list[np.ndarray], chunk_offsets: list[np.ndarray], layout: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Bring the pieces of each group together.

    ``layout`` is the size of each group and the place where it stands. Returns codes and offsets in that order.
    """
    sizes, place = layout
    placed = np.empty_like(sizes)
    placed[place] = sizes
    offsets = np.concatenate([[0], np.cumsum(placed)])
    codes, position = np.empty(offsets[-1], np.uint16), offsets[:-1][place]

    def gather(first: int, last: int) -> None:
        for chunk, piece_offsets in zip(chunks, chunk_offsets, strict=True):
            _gather(chunk, piece_offsets, (position, codes), first, last)

    _in_parts(gather, np.concatenate([[0], np.cumsum(sizes)]))
    return codes, offsets


def _pad(offsets: np.ndarray, groups: int) -> np.ndarray:
    return np.concatenate([offsets, np.full(groups + 1 - len(offsets), offsets[-1])])


def _padded(histograms: Histograms, groups: int) -> Histograms:
    return Histograms(_pad(histograms.offsets, groups), histograms.bins, histograms.counts)


def _runs_of(codes: np.ndarray, offsets: np.ndarray) -> Histograms:
    """Turn codes into runs; the bins are written over the codes, so that little new memory is asked for."""
    lengths = np.zeros(len(offsets) - 1, np.int64)
    _in_parts(partial(_sort_groups, codes, offsets, lengths), offsets)
    run_offsets = np.concatenate([[0], np.cumsum(lengths)])
    narrow = len(lengths) == 0 or np.diff(offsets).max() < 2**16
    counts = np.empty(run_offsets[-1], np.uint16 if narrow else np.uint32)
    _in_parts(partial(_write_runs, (codes, offsets), (run_offsets, counts)), offsets)
    for first, last in _parts_of(offsets):
        _move_down(codes, offsets[first], run_offsets[first], run_offsets[last])
    codes.resize(run_offsets[-1], refcheck=False)
    return Histograms(run_offsets, codes, counts)


def _parts_of(running: np.ndarray) -> list[tuple[int, int]]:
    """Cut groups into (first, last) so that each thread has about the same number of samples.

    ``running``, int64 (g + 1,), is the number of samples before each group.
    """
    parts = get_num_threads() if running[-1] >= _MANY else 1
    shares = np.searchsorted(running, running[-1] * np.arange(1, parts) // parts)
    return list(itertools.pairwise([0, *shares.tolist(), len(running) - 1]))


def _in_parts(work: Callable[[int, int], None], running: np.ndarray) -> None:
    """Call ``work(first group, last group)`` for the parts of :func:`_parts_of` side by side."""
    parts = _parts_of(running)
    if len(parts) == 1:
        work(*parts[0])
        return
    with ThreadPoolExecutor(len(parts)) as pool:
        for done in [pool.submit(work, first, last) for first, last in parts]:
            done.result()


@njit(cache=True, nogil=True)
def _count(group, groups):  # pragma: no cover - compiled
    counts = np.zeros(groups, np.int64)
    for index in range(group.shape[0]):
        if group[index] >= 0:
            counts[group[index]] += 1
    return counts


@njit(cache=True, nogil=True)
def _scatter(group, values, target, tolerance):  # pragma: no cover - compiled
    """Write each value's bin to its group's place; returns the sums by group in thousandths."""
    cursor, codes = target
    totals = np.zeros(cursor.shape[0], np.int64)
    for index in range(group.shape[0]):
        number = group[index]
        if number >= 0:
            value = float(values[index])
            codes[cursor[number]] = code_of(value, tolerance)
            cursor[number] += 1
            if value >= 0.0:
                totals[number] += np.int64(np.rint(value * 1000.0))
    return totals


@njit(cache=True, nogil=True)
def _gather(chunk, offsets, target, first, last):  # pragma: no cover - compiled
    position, codes = target
    for group in range(first, last):
        start, stop, place = offsets[group], offsets[group + 1], position[group]
        for index in range(start, stop):
            codes[place + index - start] = chunk[index]
        position[group] = place + stop - start


@njit(cache=True, nogil=True)
def _sort_groups(codes, offsets, lengths, first, last):  # pragma: no cover - compiled
    """Sort each group's codes in place (radix, two bytes) and count its different bins, missing ones left out."""
    most = 0
    for group in range(first, last):
        most = max(most, offsets[group + 1] - offsets[group])
    spare = np.empty(most, np.uint16)
    low, high = np.zeros(257, np.int64), np.zeros(257, np.int64)
    for group in range(first, last):
        part = codes[offsets[group] : offsets[group + 1]]
        size = part.shape[0]
        if size > 64:
            low[:], high[:] = 0, 0
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
        runs, before = 0, NOTHING
        for index in range(size):
            runs += part[index] != before and part[index] != NOTHING
            before = part[index]
        lengths[group] = runs


@njit(cache=True, nogil=True)
def _write_runs(sorted_codes, target, first, last):  # pragma: no cover - compiled
    """Write the bins of groups over their codes, from the first code of the part on, and how often each stands."""
    codes, offsets = sorted_codes
    run_offsets, counts = target
    shift = offsets[first] - run_offsets[first]
    for group in range(first, last):
        run, before = run_offsets[group] - 1, NOTHING
        for index in range(offsets[group], offsets[group + 1]):
            code = codes[index]
            if code == NOTHING:
                break
            if code != before:
                run += 1
                codes[run + shift] = code
                counts[run] = 0
                before = code
            counts[run] += 1


@njit(cache=True, nogil=True)
def _move_down(codes, source, first, last):  # pragma: no cover - compiled
    for index in range(last - first):
        codes[first + index] = codes[source + index]


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
