"""Reads Steiner instances in the `.gr` format of the PACE 2018 challenge (sections Graph and Terminals).

Source: PACE 2018, problem description, "Input format", after SteinLib's STP format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from hatangso.errors import InputError, ManyInputErrors
from hatangso.fibre.graph import Graph, make_graph

MOST_FAULTS = 50


def read_steinlib(path: str | Path) -> tuple[Graph, np.ndarray]:
    """Return the graph and its terminals (int32, numbered from 0).

    Raises
    ------
    InputError, ManyInputErrors
        naming the line, what was found and what was expected.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"Không có tệp '{path}'", remedy="Kiểm tra lại đường dẫn")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as fault:
        raise InputError(f"Tệp '{path.name}'", found="không phải văn bản", expected="tệp .gr") from fault
    reading = _Reading(path.name)
    reading.read(lines)
    return reading.result()


class _Reading:
    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[InputError] = []
        self.numbers: dict[str, int] = {}
        self.edges: list[tuple[float, ...]] = []
        self.terminals: list[int] = []
        self.terminal_rows: dict[int, int] = {}

    def read(self, lines: Iterable[str]) -> None:
        known: dict[str, Callable[[int, list[str]], None]] = {
            "nodes": self._count, "edges": self._count, "terminals": self._count, "e": self._edge, "t": self._terminal,
        }  # fmt: skip
        section = ""
        for row, line in enumerate(lines, start=1):
            words = line.split()
            if not words:
                continue
            head = words[0].lower()
            if head == "section":
                section = words[1].lower() if len(words) > 1 else ""
            elif head == "end":
                section = ""
            elif head == "eof" or len(self.faults) >= MOST_FAULTS:
                break
            elif section in {"graph", "terminals"}:
                reader = known.get(head, self._unknown)
                reader(row, words)

    def result(self) -> tuple[Graph, np.ndarray]:
        nodes = self.numbers.get("nodes")
        if nodes is None and not self.faults:
            self.faults.append(
                InputError(f"Tệp '{self.name}'", found="không có dòng Nodes", expected="tệp .gr")
            )
        if not self.terminals and not self.faults:
            self.faults.append(InputError(f"Tệp '{self.name}'", found="không có điểm cần nối (dòng T)"))
        for name, found in (("edges", len(self.edges)), ("terminals", len(self.terminals))):
            told = self.numbers.get(name, found)
            if told != found and not self.faults:
                self.faults.append(
                    InputError(
                        f"Tệp '{self.name}': {found} dòng {name[0].upper()}",
                        expected=f"{told} dòng như dòng {name.capitalize()} đã ghi",
                        remedy="Tệp có thể bị cắt cụt; chép lại",
                    )
                )
        if len(self.faults) == 1:
            raise self.faults[0]
        if self.faults or nodes is None:
            raise ManyInputErrors(self.faults)
        table = np.array(self.edges, np.float64).reshape(-1, 3)
        graph = make_graph(nodes, table[:, 0].astype(int) - 1, table[:, 1].astype(int) - 1, table[:, 2])
        return graph, np.array(self.terminals, np.int32) - 1

    def _fault(self, row: int, found: str, expected: str) -> None:
        self.faults.append(
            InputError(f"Tệp '{self.name}', dòng {row}", found=f"'{found}'", expected=expected)
        )

    def _numbers(self, row: int, words: list[str], count: int) -> tuple[float, ...] | None:
        try:
            numbers = tuple(float(word) for word in words[1:])
        except ValueError:
            numbers = ()
        if len(numbers) != count or not np.isfinite(numbers).all():
            self._fault(row, " ".join(words), f"chữ {words[0]} và {count} số")
            return None
        return numbers

    def _count(self, row: int, words: list[str]) -> None:
        numbers = self._numbers(row, words, 1)
        if numbers is not None and numbers[0] != int(numbers[0]):
            self._fault(row, " ".join(words), "số nguyên")
        elif numbers is not None:
            self.numbers[words[0].lower()] = int(numbers[0])

    def _edge(self, row: int, words: list[str]) -> None:
        numbers = self._numbers(row, words, 3)
        if numbers is None or not all(self._is_node(row, words, number) for number in numbers[:2]):
            return
        if numbers[2] < 0:
            self._fault(row, " ".join(words), "chi phí không âm")
            return
        self.edges.append(numbers)

    def _terminal(self, row: int, words: list[str]) -> None:
        numbers = self._numbers(row, words, 1)
        if numbers is None or not self._is_node(row, words, numbers[0]):
            return
        node = int(numbers[0])
        if node in self.terminal_rows:
            self._fault(row, " ".join(words), f"mỗi điểm một lần; đã có ở dòng {self.terminal_rows[node]}")
            return
        self.terminal_rows[node] = row
        self.terminals.append(node)

    def _is_node(self, row: int, words: list[str], number: float) -> bool:
        if number == int(number) and 1 <= number <= self.numbers.get("nodes", 0):
            return True
        self._fault(row, " ".join(words), f"nút từ 1 đến {self.numbers.get('nodes', 0)}")
        return False

    def _unknown(self, row: int, words: list[str]) -> None:
        self._fault(row, " ".join(words), "dòng Nodes, Edges, Terminals, E hoặc T")
