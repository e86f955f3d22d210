"""How alike two written names are: an edit distance that knows diacritics and what scanners confuse."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence

import numpy as np
from numba import njit

from hatangso.vietnamese import fold

_WIDTH = 40
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SHAPES = "\u0302\u0306\u031b"


def pack_names(names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return base letters and marks of names as arrays (n, 40) of uint8, and their lengths."""
    base = np.zeros((len(names), _WIDTH), dtype=np.uint8)
    marks = np.zeros((len(names), _WIDTH), dtype=np.uint8)
    length = np.zeros(len(names), dtype=np.int64)
    for row, name in enumerate(names):
        for column, letter in enumerate(name[:_WIDTH]):
            base[row, column], marks[row, column] = _letter_code(letter)
        length[row] = min(len(name), _WIDTH)
    return base, marks, length


def likeness(
    name: str, known: tuple[np.ndarray, np.ndarray, np.ndarray], *, among: np.ndarray | None = None
) -> np.ndarray:
    """Return how alike a name and each known name are.

    1 − cost / length of the longer. A wrong or missing mark costs 0.15 of a letter (0.01 when the name is
    written without any), a letter scanners confuse 0.6, two letters exchanged 0.8, a blank 0.4, others 1.

    Parameters
    ----------
    name : comparable letters (:func:`hatangso.placenames.writing.comparable`)
    known : what :func:`pack_names` returned for n names
    among : numbers of the names to compare; all by default

    Returns
    -------
    likeness : (n,) from 0 to 1; 0 for names not compared or of very different length
    """
    base, marks, length = pack_names([name])
    numbers = np.arange(known[2].size) if among is None else among
    result = np.zeros(known[2].size)
    _like(base[0, : length[0]], marks[0, : length[0]], known, (numbers, fold(name) == name, result))
    return result


@functools.cache
def _letter_code(letter: str) -> tuple[int, int]:
    if letter == "đ":
        return ord("d"), 64
    mark = 0
    for piece in unicodedata.normalize("NFD", letter):
        if piece in _TONES:
            mark += 1 + _TONES.index(piece)
        elif piece in _SHAPES:
            mark += 8 * (1 + _SHAPES.index(piece))
    first = ord(unicodedata.normalize("NFD", letter)[0])
    return (first if first < 256 else 255), mark


def _confusion() -> np.ndarray:
    """Return the cost of reading one base letter for another; pairs scanners confuse cost half."""
    cost = np.ones((256, 256))
    np.fill_diagonal(cost, 0.0)
    for group in ("il1tj", "o0cea", "uvn", "hbk", "gq9", "5s", "8b", "mn", "yv", "rn", "fe"):
        for one in group:
            for other in group:
                if one != other:
                    cost[ord(one), ord(other)] = 0.6
    return cost


_COST = _confusion()


@njit(cache=True)
def _like(base, marks, known, asked):  # type: ignore[no-untyped-def]
    """Fill result[i] with 1 - (edit cost / longer length) for the asked names; transpositions cost 0.8."""
    known_base, known_marks, known_length = known
    numbers, plain, result = asked
    m = base.shape[0]
    previous = np.empty(_WIDTH + 1)
    current = np.empty(_WIDTH + 1)
    older = np.empty(_WIDTH + 1)
    for position in range(numbers.shape[0]):
        row = numbers[position]
        n = known_length[row]
        longest = max(m, n)
        if longest == 0 or abs(m - n) > 0.5 * longest:
            continue
        for j in range(n + 1):
            previous[j] = j
        for i in range(1, m + 1):
            current[0] = i
            for j in range(1, n + 1):
                a, b = base[i - 1], known_base[row, j - 1]
                step = _COST[a, b]
                if a == b and marks[i - 1] != known_marks[row, j - 1]:
                    step = 0.01 if plain else 0.15
                drop = 0.4 if a == 32 else 1.0
                add = 0.4 if b == 32 else 1.0
                best = min(previous[j - 1] + step, previous[j] + drop, current[j - 1] + add)
                if i > 1 and j > 1 and a == known_base[row, j - 2] and base[i - 2] == b:
                    best = min(best, older[j - 2] + 0.8)
                current[j] = best
            for j in range(n + 1):
                older[j] = previous[j]
                previous[j] = current[j]
        result[row] = max(0.0, 1.0 - previous[n] / longest)
