"""The same tasks on any hands; a cluster that loses a worker gives the same bytes."""

from __future__ import annotations

import time

import pytest

from hatangso import executor
from hatangso.errors import InputError


def square(number):
    return number * number


def collect(run, count=20):
    return sorted(run(square, list(range(count))))


def test_every_answer_comes_once_with_its_number():
    wanted = [(n, n * n) for n in range(20)]
    assert collect(executor.run_here) == wanted
    with executor.threads(2) as run:
        assert collect(run) == wanted


def test_answers_do_not_pile_up_before_they_are_taken():
    started = []

    def work(number):
        started.append(number)
        return number

    with executor.threads(2) as run:
        answers = run(work, list(range(50)))
        next(answers)
        time.sleep(0.1)
        assert len(started) <= 6
        assert len(list(answers)) == 49


def test_a_fault_in_a_task_reaches_the_caller():
    with executor.threads(1) as run, pytest.raises(TypeError):
        list(run(square, ["x"]))


def test_a_cluster_that_does_not_answer_is_a_sentence():
    with (
        pytest.raises(InputError, match="Không kết nối"),
        executor.cluster("tcp://127.0.0.1:9", patience_s=0.5),
    ):
        pass
