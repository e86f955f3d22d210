"""Files as sent: headers alone, packed files, and what is no table."""

import gzip
import zipfile

import polars as pl
import pytest

from hatangso import readers
from hatangso.errors import InputError
from hatangso.readers import read_headers, read_raw
from hatangso.tables import write_table


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.zip", "a.parquet", "a.xlsx"])
def test_headers_alone_are_those_of_the_whole_table(tmp_path, name):
    frame = pl.DataFrame({"Mã xã": ["01", "02"], "Tải xuống (Mb/s)": ["1,5", "2,5"]})
    path = tmp_path / name
    text = "\ufeffMã xã;Tải xuống (Mb/s)\n01;1,5\n02;2,5\n".encode()
    if name == "a.parquet":
        frame.write_parquet(path)
    elif name == "a.xlsx":
        write_table(frame, path)
    elif name == "a.zip":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("thang-9/số đo.csv", text)
            packed.writestr("__MACOSX/._so-do.csv", b"x")
            packed.writestr("doc.txt", b"x")
    else:
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert read_headers(path) == read_raw(path).columns == frame.columns
    assert read_raw(path)["Mã xã"].to_list() == ["01", "02"]


def test_headers_of_a_long_file_in_an_old_encoding_are_read_from_its_head(tmp_path):
    for encoding in ("utf-8", "utf-16", "cp1258"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(("Nơi,ghi chú\n" + "Đà Lạt,ở đấy\n" * 30_000).encode(encoding, errors="replace"))
        assert read_headers(path) == read_raw(path).columns


@pytest.mark.parametrize(
    ("inside", "match"),
    [({}, "có 0 bảng"), ({"a.csv": b"x", "b.csv": b"y"}, "có 2 bảng"), (None, "bị hỏng")],
)
def test_a_zip_that_is_not_one_table_is_refused(tmp_path, inside, match):
    path = tmp_path / "goi.zip"
    if inside is None:
        path.write_bytes(b"PK\x03\x04 khong phai")
    else:
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in inside.items():
                packed.writestr(name, content)
    for read in (read_raw, read_headers):
        with pytest.raises(InputError, match=match):
            read(path)


def test_a_zip_that_unpacks_too_large_is_refused_before_it_fills_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "MOST_UNPACKED_BYTES", 1000)
    path = tmp_path / "bom.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", "a\n" * 5000)
    with pytest.raises(InputError, match="quá lớn"):
        read_raw(path)


def test_a_decimal_comma_between_commas_is_told_by_its_line(tmp_path):
    (tmp_path / "a.csv").write_text("xã,km\nEa Mới,2\nĐồng Ân,1,5\n")
    with pytest.raises(InputError, match=r"'a.csv', dòng 3: .*3 ô: Đồng Ân,1,5.*2 ô như dòng tiêu đề"):
        read_raw(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("name", "said"), [("la.xlsx", "đặt mật khẩu"), ("la.geojson", "không phải tệp bản đồ")]
)
def test_bytes_of_something_else_are_told_in_vietnamese_alone(tmp_path, name, said):
    (tmp_path / name).write_bytes(bytes(range(256)) * 20)
    with pytest.raises(InputError, match=said) as told:
        read_raw(tmp_path / name)
    assert not {"archive", "format", "driver"} & set(str(told.value).lower().split())
