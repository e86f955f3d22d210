import pytest

from hatangso.errors import HatangsoError
from hatangso.fibre.steinlib import read_steinlib

WHOLE = """SECTION Graph
Nodes 3
Edges 2
E 1 2 7
E 2 3 4
END

SECTION Terminals
Terminals 2
T 1
T 3
END

EOF
"""


def _write(tmp_path, text):
    path = tmp_path / "x.gr"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_edges_and_terminals_and_skips_other_sections(tmp_path):
    graph, terminals = read_steinlib(
        _write(tmp_path, WHOLE.replace("EOF", "SECTION Tree Decomposition\nb 1 2\nEND\nEOF"))
    )
    assert (graph.nodes, graph.cost.tolist(), terminals.tolist()) == (3, [7.0, 4.0], [0, 2])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("E 1 2 7", "E 1 9 7", "dòng 4: 'E 1 9 7'; cần nút từ 1 đến 3"),
        ("E 1 2 7", "E 1 2 -7", "dòng 4: 'E 1 2 -7'; cần chi phí không âm"),
        ("E 1 2 7", "E 1 2 nan", "dòng 4"),
        ("E 1 2 7", "E 1 2", "dòng 4"),
        ("T 3", "T 1", "dòng 11: 'T 1'; cần mỗi điểm một lần; đã có ở dòng 10"),
        ("E 2 3 4\n", "", "1 dòng E; cần 2 dòng"),
        ("T 1\nT 3\n", "", "không có điểm cần nối"),
        ("Nodes 3", "", "nút từ 1 đến 0"),
        ("E 2 3 4", "Q 2 3 4", "dòng 5: 'Q 2 3 4'"),
    ],
)  # fmt: skip
def test_faults_name_their_line(tmp_path, old, new, words):
    with pytest.raises(HatangsoError) as caught:
        read_steinlib(_write(tmp_path, WHOLE.replace(old, new)))
    assert words in str(caught.value)


def test_missing_and_binary_files_are_refused(tmp_path):
    with pytest.raises(HatangsoError, match="Không có tệp"):
        read_steinlib(tmp_path / "none.gr")
    (tmp_path / "b.gr").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(HatangsoError, match="không phải văn bản"):
        read_steinlib(tmp_path / "b.gr")
