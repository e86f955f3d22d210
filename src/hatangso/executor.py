"""A thin executor: the same independent tasks here, in several processes, or on a cluster; same order, same bytes.

Coverage needs no shuffle: a task is a group of stations on read-only terrain, and what comes back is merged by an
operation that does not mind the order. So all that is asked of an engine is "run these, give me each once".
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any, TypeVar

from hatangso.errors import InputError

Task = TypeVar("Task")
Answer = TypeVar("Answer")
TRIES, AHEAD = 3, 3
Run = Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[tuple[int, Any]]]


def run_here(work: Callable[[Task], Answer], tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
    """Yield (number, answer) of every task, one after the other."""
    for number, task in enumerate(tasks):
        yield number, work(task)


@contextmanager
def threads(count: int) -> Iterator[Run]:
    """Give a runner with ``count`` threads; fit for compiled work that lets go of the interpreter's lock."""
    with ThreadPoolExecutor(count) as pool:
        yield _pool_runner(pool, count)


@contextmanager
def processes(count: int) -> Iterator[Run]:
    """Give a runner with ``count`` processes; work and tasks travel by pickle."""
    with ProcessPoolExecutor(count) as pool:
        yield _pool_runner(pool, count)


@contextmanager
def cluster(address: str, *, patience_s: float = 10.0) -> Iterator[Run]:
    """Give a runner on a dask.distributed scheduler, of the extra ``hatangso[cluster]``.

    A task whose worker dies is run again on another one, up to three times. No more than three tasks per hand are
    under way and each answer is let go of as soon as it is taken, so memory stays bounded on all sides.

    Raises
    ------
    InputError
        when the extra is not installed or the scheduler does not answer.
    """
    distributed = _distributed()
    try:
        client = distributed.Client(address, timeout=patience_s, set_as_default=False)
    except (OSError, TimeoutError) as fault:
        raise InputError(
            f"Không kết nối được cụm máy '{address}'", remedy="Kiểm tra dask scheduler"
        ) from fault

    def run(work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        numbers: dict[str, int] = {}
        pending = distributed.as_completed([], loop=client.loop, with_results=True)

        def hand_out(number: int) -> None:
            future = client.submit(work, tasks[number], retries=TRIES, pure=False)
            numbers[future.key] = number
            pending.add(future)

        ahead = min(len(tasks), AHEAD * max(1, sum(client.nthreads().values())))
        for number in range(ahead):
            hand_out(number)
        for following, (future, answer) in enumerate(pending, start=ahead):
            if following < len(tasks):
                hand_out(following)
            yield numbers.pop(future.key), answer
            future.release()

    try:
        yield run
    finally:
        client.close()


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as fault:
        raise InputError(
            "Chưa cài phần mở rộng chạy cụm máy", remedy="Cài bằng: pip install 'hatangso[cluster]'"
        ) from fault


def _pool_runner(pool: Executor, count: int) -> Run:
    """Keep at most twice as many tasks under way as there are hands, so that answers do not pile up."""

    def run(work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        waiting = iter(enumerate(tasks))
        running: dict[Future, int] = {}
        _top_up(pool, work, waiting, running, 2 * count)
        try:
            while running:
                done = next(as_completed(running))
                yield running.pop(done), done.result()
                _top_up(pool, work, waiting, running, 2 * count)
        finally:
            for future in running:
                future.cancel()

    return run


def _top_up(
    pool: Executor,
    work: Callable[[Any], Any],
    waiting: Iterable[tuple[int, Any]],
    running: dict[Future, int],
    most: int,
) -> None:
    while len(running) < most:
        following = next(iter(waiting), None)
        if following is None:
            return
        running[pool.submit(work, following[1])] = following[0]
