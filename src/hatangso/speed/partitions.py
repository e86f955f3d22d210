"""Files summarised apart, here or on other machines, and merged as a tree: the table of one machine, whatever the order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hatangso.errors import InputError
from hatangso.executor import Run, run_here
from hatangso.speed.one_pass import Pass, PassResult, summarise_files
from hatangso.speed.summaries import merge


@dataclass(frozen=True)
class PassMaker:
    """Makes a :class:`Pass` where the work is done: a path and settings travel better than borders in memory.

    make : a function a worker can import; called once per file with the path of the areas
    """

    make: Callable[[str], Pass]
    areas: str


def summarise_partitions(
    files: Sequence[str | Path],
    plan: Pass | PassMaker,
    *,
    run: Run = run_here,
    advance: Callable[[int], None] | None = None,
) -> PassResult:
    """Summarise each file by itself and add the summaries up in pairs.

    Adding summaries is free of order and of grouping, so the result is the table :func:`summarise_files` gives for
    all files at once, whichever worker took which file and however often one died and its file was done again.

    Parameters
    ----------
    files : parquet files, each reachable under the same path from every worker
    plan : how a file is summarised
    run : a runner of :mod:`hatangso.executor` (here, threads, processes or a cluster)
    advance : told the rows received after each file
    """
    if not files:
        raise InputError("Không có tệp nào để tổng hợp", expected="ít nhất một tệp parquet")
    waiting: list[tuple[int, PassResult]] = []  # a stack of (height, result): as in a binary counter
    for _number, answer in run(partial(_summarise_one, plan), [str(path) for path in files]):
        if advance is not None:
            advance(answer.received)
        height, whole = 0, answer
        while waiting and waiting[-1][0] == height:
            whole = _added(waiting.pop()[1], whole)
            height += 1
        waiting.append((height, whole))
    whole = waiting.pop()[1]
    while waiting:
        whole = _added(waiting.pop()[1], whole)
    return whole


def _summarise_one(plan: Pass | PassMaker, path: str) -> PassResult:
    return summarise_files([path], plan.make(plan.areas) if isinstance(plan, PassMaker) else plan)


def _added(left: PassResult, right: PassResult) -> PassResult:
    rejected = {
        reason: left.rejected.get(reason, 0) + right.rejected.get(reason, 0)
        for reason in {**left.rejected, **right.rejected}
    }
    return PassResult(merge([left.summaries, right.summaries]), left.received + right.received, rejected)
