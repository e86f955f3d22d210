"""Samples → one histogram per group: collected by group as they come, sorted and counted when all are there."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numba import njit

from hatangso.speed.grouping import Histograms, concatenate, grown, in_parts, parts_of, regroup
from hatangso.speed.histogram import FLOAT32_ROUNDING, NOTHING, code_of

MOST_PENDING = 100_000_000  # samples kept unsorted before they are folded into runs: bounds the memory
_SHELF_BITS = 7
_SHELF = (
    1 << _SHELF_BITS
)  # groups whose samples are kept together: so few that they are told apart in near memory
_BLOCK_BITS = 9
_BLOCK = 1 << _BLOCK_BITS  # samples of one shelf that stand side by side
_BLOCKS_AT_A_TIME = 64  # blocks handed to a thread when it needs more
_MOST_BEGUN = 20_000  # blocks begun and not yet full that there is room for
_AT_A_TIME = 65_536  # samples taken at a time: what is noted about them stays in near memory
_LARGE = 256  # a count that does not fit into one byte


class Accumulator:
    """Collects (group, values) of several measures and gives histograms and exact sums.

    Several threads may add at the same time: the answer depends neither on the order nor on how samples are cut into
    parts. Each thread puts a record, the group and the 16-bit bin of each measure, on the shelf of its group, one of so
    few that all their ends stay in near memory; in the end each shelf is parted into its groups and each group is
    sorted and counted. The number of groups may grow on the way. Memory stays bounded because what is collected is folded into runs when
    :data:`MOST_PENDING` samples are pending.

    Parameters
    ----------
    measures : names of the values of a sample
    room : samples to expect at most. So much address space is set aside; memory is taken as it is written to.
    """

    def __init__(self, measures: tuple[str, ...], *, room: int = MOST_PENDING) -> None:
        self.measures, self.groups = measures, 0
        self._room = max(1, min(room, MOST_PENDING))
        self._places = _Places(len(measures), self._room)
        self._stores: list[_Store] = []
        self._free: list[_Store] = []
        self._folded: dict[str, Histograms] | None = None
        self._gate = threading.Condition()
        self._folding = 0

    def add(
        self, group: np.ndarray, values: dict[str, np.ndarray], *, groups: int, rows: np.ndarray | None = None
    ) -> None:
        """Take samples.

        Parameters
        ----------
        group : int32 (n,), the group of each sample; -1 = belongs nowhere
        values : measure → float (m,), Mb/s or ms; NaN or negative = missing
        groups : the number of groups known by now
        rows : int32 (n,), where the values of each sample stand; in order when omitted (then m = n)
        """
        columns = [values[measure] for measure in self.measures]
        if rows is None:
            rows = np.arange(len(group), dtype=np.int32)
        start = 0
        while start < len(group):
            part = slice(start, start + _AT_A_TIME)
            with self._lent(groups) as store:
                done = self._take(store, group[part], (columns, rows[part]))
            start += done
            if done < len(group[part]):
                self._fold()

    def finish(self, rank: np.ndarray | None = None) -> dict[str, Histograms]:
        """Return the histograms of all that was added; group g stands at ``rank[g]`` when ``rank`` is given.

        What was collected is handed over: the accumulator holds no samples afterwards.
        """
        every = np.arange(self.groups)
        rank = every if rank is None else rank
        if self._folded is None:
            return self._runs(rank)
        known, last = self._folded, self._runs(every)
        return {measure: _added([known[measure], last[measure]], rank) for measure in self.measures}

    def samples(self) -> np.ndarray:
        """Return the number of samples of each group, int64 (g,), those with missing values too."""
        return sum(
            (grown(store.counts, self.groups) for store in self._stores), np.zeros(self.groups, np.int64)
        )

    def sums(self) -> dict[str, np.ndarray]:
        """Return measure → int64 (g,), the sum of the values of each group in thousandths."""
        nothing = np.zeros(self.groups, np.int64)
        return {
            measure: sum((grown(store.sums[number], self.groups) for store in self._stores), nothing)
            for number, measure in enumerate(self.measures)
        }

    @contextmanager
    def _lent(self, groups: int) -> Iterator[_Store]:
        """Lend a store to the thread that asks, one that is free or a new one; not while samples are folded."""
        with self._gate:
            self._gate.wait_for(lambda: not self._folding)
            self.groups = max(self.groups, groups)
            if not self._free:
                self._stores.append(_Store(len(self.measures)))
                self._free.append(self._stores[-1])
            store = self._free.pop()
        try:
            store.grow(groups)
            yield store
        finally:
            with self._gate:
                self._free.append(store)
                self._gate.notify_all()

    def _take(self, store: _Store, group: np.ndarray, source: tuple[list[np.ndarray], np.ndarray]) -> int:
        """Put samples on their shelves; returns how many there was room for."""
        columns, rows = source
        place = np.empty(len(group), np.int64)
        records, previous = self._places.records, self._places.previous
        done = 0
        while done < len(group):
            done, store.block = _shelve(
                (group, place),
                (store.ends, store.counts),
                (records, previous),
                (done, store.block, store.last),
            )
            if done < len(group):
                with self._gate:
                    store.block, store.last = self._places.more()
                if store.block == store.last:
                    break
        for number, column in enumerate(columns):
            tolerance = FLOAT32_ROUNDING if column.dtype == np.float32 else 0.0
            target = (records, store.sums[number])
            _write(column, (rows[:done], group, place), target, (number, tolerance))
        return done

    def _fold(self) -> None:
        """Sort what is pending and add it to what was folded before, once no thread is adding."""
        with self._gate:
            self._folding += 1
            self._gate.wait_for(lambda: len(self._free) == len(self._stores))
            if self._places.full:
                every = np.arange(self.groups)
                fresh, known = self._runs(every), self._folded
                if known is not None:
                    fresh = {name: _added([known[name], fresh[name]], every) for name in self.measures}
                self._folded = fresh
                self._places = _Places(len(self.measures), self._room)
            self._folding -= 1
            self._gate.notify_all()

    def _runs(self, rank: np.ndarray) -> dict[str, Histograms]:
        """Sort and count what is pending; group g stands at ``rank[g]``. The places are used up by it.

        New memory is dear: the records, no longer needed once they are parted, become the room of the counts.
        """
        groups = len(rank)
        sizes = sum((store.pending(groups) for store in self._stores), np.zeros(groups, np.int64))
        placed = np.empty(groups, np.int64)
        placed[rank] = sizes
        offsets = np.concatenate([[0], np.cumsum(placed)])
        rooms = np.empty((len(self.measures), offsets[-1]), np.uint16)
        self._part(rooms, (sizes, offsets[:-1][rank]))
        for store in self._stores:
            store.forget()
        records, self._places = self._places.records, _Places(len(self.measures), 1)
        records.resize(-(-rooms.size // 2), refcheck=False)
        counts = records.view(np.uint8)[: rooms.size].reshape(rooms.shape)
        return {
            measure: _counted(codes, offsets, room)
            for measure, codes, room in zip(self.measures, rooms, counts, strict=True)
        }

    def _part(self, rooms: np.ndarray, layout: tuple[np.ndarray, np.ndarray]) -> None:
        """Bring the samples of each group together in ``rooms``; ``layout`` is their number and where they begin."""
        sizes, position = layout
        starts = np.arange(0, len(sizes), _SHELF)
        shelved = np.add.reduceat(sizes, starts) if len(starts) else sizes

        def part(first: int, last: int) -> None:
            for store in self._stores:
                shelves = (first, min(last, len(store.ends)))
                source = (self._places.records, self._places.previous, store.ends)
                _part_shelves(shelves, source, (rooms, position))

        in_parts(part, np.concatenate([[0], np.cumsum(shelved)]))


class _Places:
    """Where samples stand: places in blocks, handed out to the threads.

    records : uint16 (places · (1 + measures),), for each place the number of the sample's group on its shelf and the
        bin of each measure
    previous : int32 (blocks,), the block before on the same shelf, -1 = none
    """

    def __init__(self, measures: int, room: int) -> None:
        self.blocks = (room >> _BLOCK_BITS) + min(room, _MOST_BEGUN) + _BLOCKS_AT_A_TIME
        self.records = np.empty((self.blocks << _BLOCK_BITS) * (1 + measures), np.uint16)
        self.previous = np.empty(self.blocks, np.int32)
        self.used = 0

    def more(self) -> tuple[int, int]:
        """Hand out blocks: (first, last + 1), the same number twice when there are none left."""
        first = self.used
        self.used = min(self.blocks, first + _BLOCKS_AT_A_TIME)
        return first, self.used

    @property
    def full(self) -> bool:
        return self.used == self.blocks


class _Store:
    """What one thread has collected.

    ends : int64 (shelves,), the place of the next sample on each shelf
    counts, sums : int64 (groups,), samples since the beginning and, for each measure, sums in thousandths
    before : samples of each group that were folded away
    block, last : blocks it may begin
    """

    def __init__(self, measures: int) -> None:
        self.ends, self.counts, self.before = (np.zeros(0, np.int64) for _ in range(3))
        self.sums = [np.zeros(0, np.int64) for _ in range(measures)]
        self.block = self.last = 0

    def grow(self, groups: int) -> None:
        """Make room for more groups."""
        if groups > len(self.counts):
            more = groups + len(self.counts) // 4
            self.counts, self.before = grown(self.counts, more), grown(self.before, more)
            self.sums = [grown(sums, more) for sums in self.sums]
            self.ends = grown(self.ends, (more >> _SHELF_BITS) + 1)

    def pending(self, groups: int) -> np.ndarray:
        """Return the number of samples of each group that are not folded, int64 (groups,)."""
        return grown(self.counts - self.before, groups)

    def forget(self) -> None:
        """Drop the samples but not their number and sums."""
        self.ends[:], self.block, self.last = 0, 0, 0
        self.before = self.counts.copy()


def _added(parts: list[Histograms], rank: np.ndarray) -> Histograms:
    """Add histograms whose groups are numbered alike; group g comes to stand at ``rank[g]``."""
    new = np.concatenate([rank[: part.groups] for part in parts]).astype(np.int64)
    return regroup(concatenate(parts), new, len(rank))


def _counted(codes: np.ndarray, offsets: np.ndarray, counts: np.ndarray) -> Histograms:
    """Turn codes into runs; the bins are written over the codes.

    ``counts``, uint8, is the room for how often each bin stands; the few counts that do not fit are set apart.
    """
    lengths = np.zeros(len(offsets) - 1, np.int64)
    large: list[tuple[int, np.ndarray]] = []

    def count(first: int, last: int) -> None:
        found = np.empty(((offsets[last] - offsets[first]) // _LARGE + 1, 2), np.int64)
        many = _count_runs((codes, offsets), (counts, lengths, found), first, last)
        large.append((first, found[:many]))

    in_parts(count, offsets)
    run_offsets = np.concatenate([[0], np.cumsum(lengths)])
    starts = [first for first, _ in parts_of(offsets)]
    for array in (codes, counts):
        _close_gaps(array, (offsets[starts], run_offsets[[*starts, len(lengths)]]))
    counts = counts[: run_offsets[-1]]
    if any(len(found) for _, found in large):
        counts = counts.astype(np.uint32)
        for first, found in large:
            counts[found[:, 0] - offsets[first] + run_offsets[first]] = found[:, 1]
    return Histograms(run_offsets, codes[: run_offsets[-1]], counts)


def _close_gaps(array: np.ndarray, starts: tuple[np.ndarray, np.ndarray]) -> None:
    """Move the runs of parts down to where they belong; ``starts`` are where they stand and where they shall."""
    address, width = array.ctypes.data, array.itemsize
    for number, (source, target) in enumerate(zip(starts[0], starts[1][:-1], strict=True)):
        size = int(starts[1][number + 1] - target)
        ctypes.memmove(address + int(target) * width, address + int(source) * width, size * width)


@njit(cache=True, nogil=True)
def _shelve(samples, store, chain, progress):  # pragma: no cover - compiled
    """Find the record of each sample on the shelf of its group, -1 for none, until there are no blocks left.

    Returns how far it came and the next block to begin.
    """
    group, place = samples
    ends, counts = store
    records, previous = chain
    first, block, last = progress
    width = records.shape[0] // (previous.shape[0] << _BLOCK_BITS)
    for index in range(first, group.shape[0]):
        number = np.int64(group[index])
        place[index] = -1
        if number >= 0:
            shelf = np.uint64(number >> _SHELF_BITS)
            end = ends[shelf]
            if end & (_BLOCK - 1) == 0:
                if block == last:
                    return index, block
                previous[block] = (end >> _BLOCK_BITS) - 1
                end = block << _BLOCK_BITS
                block += 1
            ends[shelf] = end + 1
            counts[np.uint64(number)] += 1
            records[np.uint64(end * width)] = number & (_SHELF - 1)
            place[index] = end * width
    return group.shape[0], block


@njit(cache=True, nogil=True)
def _write(values, samples, target, measure):  # pragma: no cover - compiled
    """Write each value's bin to its sample's record and add it to the sum of its group."""
    rows, group, place = samples
    records, sums = target
    number, tolerance = measure
    for index in range(rows.shape[0]):
        if place[index] >= 0:
            value = float(values[np.uint32(rows[index])])
            records[np.uint64(place[index] + 1 + number)] = code_of(value, tolerance)
            if value >= 0.0:
                sums[np.uint32(group[index])] += np.int64(np.rint(value * 1000.0))


@njit(cache=True, nogil=True)
def _part_shelves(shelves, store, target):  # pragma: no cover - compiled
    """Bring the samples of each group on shelves together, from ``position`` of the group on."""
    records, previous, ends = store
    rooms, position = target
    width, at = 1 + rooms.shape[0], np.empty(_BLOCK, np.int64)
    for shelf in range(shelves[0], shelves[1]):
        stop = ends[shelf]
        block = (stop - 1) >> _BLOCK_BITS
        own = position[shelf << _SHELF_BITS : (shelf + 1) << _SHELF_BITS]
        while block >= 0:
            first, count = (block << _BLOCK_BITS) * width, stop - (block << _BLOCK_BITS)
            for index in range(count):
                group = records[np.uint64(first + index * width)]
                at[index] = own[group]
                own[group] = at[index] + 1
            for measure in range(width - 1):
                room, values = rooms[measure], records[first + 1 + measure :]
                for index in range(count):
                    room[np.uint64(at[index])] = values[np.uint64(index * width)]
            block = previous[block]
            stop = (block + 1) << _BLOCK_BITS


@njit(cache=True, nogil=True)
def _sort(codes, spare, low, high):  # pragma: no cover - compiled
    """Sort codes in place: by radix, two bytes, or by insertion when they are few."""
    size = codes.shape[0]
    if size <= 64:
        for index in range(1, size):
            value, place = codes[index], index
            while place > 0 and codes[place - 1] > value:
                codes[place] = codes[place - 1]
                place -= 1
            codes[place] = value
        return
    low[:], high[:] = 0, 0
    for index in range(size):
        low[(codes[index] & 255) + 1] += 1
        high[(codes[index] >> 8) + 1] += 1
    for byte in range(256):
        low[byte + 1] += low[byte]
        high[byte + 1] += high[byte]
    for index in range(size):
        byte = codes[index] & 255
        spare[low[byte]] = codes[index]
        low[byte] += 1
    for index in range(size):
        byte = spare[index] >> 8
        codes[high[byte]] = spare[index]
        high[byte] += 1


@njit(cache=True, nogil=True)
def _count_runs(samples, target, first, last):  # pragma: no cover - compiled
    """Sort groups first … last − 1 and write, from where their samples begin on, bins and how often each stands.

    Bins are written over the codes they come from; missing values are left out. Counts above 255 are written to
    ``large``, (run, count); returns how many they are.
    """
    codes, offsets = samples
    counts, lengths, large = target
    end, most, many = offsets[first], 0, 0
    for group in range(first, last):
        most = max(most, offsets[group + 1] - offsets[group])
    spare = np.empty(most, np.uint16)
    low, high = np.empty(257, np.int32), np.empty(257, np.int32)
    for group in range(first, last):
        part = codes[offsets[group] : offsets[group + 1]]
        _sort(part, spare, low, high)
        size = part.shape[0]
        while size > 0 and part[size - 1] == NOTHING:
            size -= 1
        begin, run, before = end, 0, NOTHING
        for index in range(size):
            code = part[index]
            run = index if code != before else run
            end += code != before
            codes[end - 1] = code
            counts[end - 1] = (index + 1 - run) & 255
            if index + 1 - run >= _LARGE:
                many += index + 1 - run == _LARGE
                large[many - 1, 0], large[many - 1, 1] = end - 1, index + 1 - run
            before = code
        lengths[group] = end - begin
    return many
