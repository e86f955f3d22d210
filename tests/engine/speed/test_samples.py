"""Files of tests as people send them: units told apart, averages kept out."""

import polars as pl
import pytest

from hatangso.errors import InputError, ManyInputErrors
from hatangso.speed.samples import Source, read_samples, unit_factor, without_unit

HEAD = "Thời gian đo;Kinh độ;Vĩ độ;Nhà mạng;Công nghệ"
ROW = "20/03/2026 08:15;107,5;12,5;Sao Mai;LTE"


def _file(tmp_path, text, name="do.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("Mb/s", 1.0), ("Mbit/s", 1.0), ("Mbps", 1.0), ("Mb/giây", 1.0), ("kb/s", 1e-3), ("kbps", 1e-3), ("download_kbps", 1e-3),
        ("Gb/s", 1e3), ("MB/s", 8.0), ("kB/s", 8e-3), ("a.MeanThroughputMbps", 1.0), ("download", None), ("km/h", None),
    ],
)  # fmt: skip
def test_units_are_told_apart(text, factor):
    assert unit_factor(text) == (pytest.approx(factor) if factor else None)


def test_unit_of_the_header_is_applied(tmp_path):
    table = read_samples(_file(tmp_path, f"{HEAD};Tốc độ tải xuống (kb/s)\n{ROW};25300\n"), Source("i-Speed"))
    assert table["download_mbps"].to_list() == [25.3]
    assert table["technology"].to_list() == ["4G"]
    assert table["network"].to_list() == ["mobile"]


def test_unit_in_the_cell_wins_over_the_header(tmp_path):
    table = read_samples(
        _file(tmp_path, f"{HEAD};Tải xuống (Mb/s)\n{ROW};512 kb/s\n{ROW};25,3\n"), Source("i-Speed")
    )
    assert table["download_mbps"].to_list() == [0.512, 25.3]


def test_a_file_that_tells_no_unit_is_refused_until_one_is_given(tmp_path):
    path = _file(tmp_path, f"{HEAD};Tải xuống\n{ROW};25\n")
    with pytest.raises(InputError, match="đơn vị"):
        read_samples(path, Source("i-Speed"))
    assert read_samples(path, Source("i-Speed", unit="kb/s"))["download_mbps"].to_list() == [0.025]


def test_faults_name_row_and_cell(tmp_path):
    text = f"{HEAD};Tải xuống (Mb/s)\n{ROW};nhanh\n{ROW};chậm\n"
    with pytest.raises(ManyInputErrors, match=r"dòng 2: Tải xuống \(Mb/s\): 'nhanh'"):
        read_samples(_file(tmp_path, text), Source("i-Speed"))


def test_a_file_without_place_is_refused(tmp_path):
    text = "Thời gian đo;Nhà mạng;Tải xuống (Mb/s)\n20/03/2026 08:15;Sao Mai;20\n"
    with pytest.raises(InputError, match="tọa độ"):
        read_samples(_file(tmp_path, text), Source("i-Speed"))


def test_parquet_and_geojson_give_the_same_table(tmp_path):
    row = {
        "time": ["2026-03-20T08:15:00"],
        "lon": [107.5],
        "lat": [12.5],
        "operator": ["Sao Mai"],
        "download_mbps": [25.3],
    }
    pl.DataFrame(row).write_parquet(tmp_path / "do.parquet")
    feature = '{"type":"Feature","geometry":{"type":"Point","coordinates":[107.5,12.5]},"properties":{"time":"2026-03-20T08:15:00","operator":"Sao Mai","download_mbps":25.3}}'
    path = _file(tmp_path, f'{{"type":"FeatureCollection","features":[{feature}]}}', "do.geojson")
    wanted = ["time", "lon", "lat", "operator", "download_mbps"]
    assert (
        read_samples(path, Source("x"))
        .select(wanted)
        .equals(read_samples(tmp_path / "do.parquet", Source("x")).select(wanted))
    )


@pytest.mark.parametrize("first", ["i-Speed", "Ookla"])
def test_rows_of_another_tool_are_refused(tmp_path, first):
    text = f"{HEAD};Tải xuống (Mb/s);Công cụ\n{ROW};20;{first}\n{ROW};20;Ookla\n"
    with pytest.raises(InputError, match="công cụ khác"):
        read_samples(_file(tmp_path, text), Source("i-Speed"))


def test_a_longer_name_of_the_same_tool_is_taken(tmp_path):
    text = f"{HEAD};Tải xuống (Mb/s);Công cụ\n{ROW};20;iSpeed 4.2 (Android)\n{ROW};20;\n"
    assert read_samples(_file(tmp_path, text), Source("i-Speed")).height == 2


@pytest.mark.parametrize(
    ("header", "bare"),
    [("Tải xuống (Mb/s)", "tai xuong"), ("download_kbps", "download"), ("a.MeanThroughputMbps", "a meanthroughput"),
     ("dl_throughput_kbps", "dl throughput"), ("Ping ms", "ping")],
)  # fmt: skip
def test_headers_lose_their_unit(header, bare):
    assert without_unit(header) == bare


def test_mlab_ndt7_is_read_by_its_own_headers_and_its_clock_is_turned_to_ours(tmp_path):
    text = (
        "a.TestTime,a.MeanThroughputMbps,a.MinRTT,client.Geo.Longitude,client.Geo.Latitude,client.Network.ASName\n"
        "2026-03-20T01:15:00Z,25.3,20,107.5,12.5,Sao Mai\n"
    )
    table = read_samples(_file(tmp_path, text), Source("M-Lab NDT7"))
    assert table.select("download_mbps", "latency_ms", "lon", "operator").row(0) == (
        25.3,
        20.0,
        107.5,
        "Sao Mai",
    )
    assert table["time"][0].hour == 8


def test_a_drive_test_is_read_by_its_own_headers(tmp_path):
    text = "timestamp,longitude,latitude,operator,RAT,dl_throughput_kbps\n2026-03-20T08:15:00+07:00,107.5,12.5,Sao Mai,LTE,25300\n"
    table = read_samples(_file(tmp_path, text), Source("drive-test"))
    assert table.select("download_mbps", "technology").row(0) == (25.3, "4G")


def test_a_missing_column_is_told_with_the_headers_as_sent(tmp_path):
    with pytest.raises(InputError, match=r"Số thứ tự \(ms\)"):
        read_samples(_file(tmp_path, "Số thứ tự (ms),Họ tên\n1,An\n"), Source("i-Speed"))


def test_a_file_of_headers_alone_says_so(tmp_path):
    with pytest.raises(InputError, match="chỉ có dòng tiêu đề"):
        read_samples(_file(tmp_path, f"{HEAD};Tải xuống (Mb/s)\n"), Source("i-Speed"))


def test_nested_columns_are_as_good_as_not_there(tmp_path):
    row = {
        "time": ["2026-03-20T08:15:00"],
        "area_code": ["A"],
        "operator": ["Sao Mai"],
        "download_mbps": [25.3],
    }
    pl.DataFrame(row | {"raw": [{"a": 1}]}).write_parquet(tmp_path / "kem.parquet")
    assert read_samples(tmp_path / "kem.parquet", Source("x")).height == 1
    pl.DataFrame(row | {"download_mbps": [[25.3]]}).write_parquet(tmp_path / "long.parquet")
    with pytest.raises(InputError, match="thiếu cột download_mbps"):
        read_samples(tmp_path / "long.parquet", Source("x"))
