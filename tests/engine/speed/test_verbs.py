"""`hatangso speed …` on plain files, from tests to verdict."""

import json

import numpy as np
import polars as pl
import pytest

from hatangso.cli.main import app
from hatangso.cli.screen import run

SQUARES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 12], [x + 1, 12], [x + 1, 13], [x, 13], [x, 12]]],
            },
        }
        for code, x in (("A", 107), ("B", 108))
    ],
}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "areas.geojson").write_text(json.dumps(SQUARES))
    generator = np.random.default_rng(1)
    count = 400
    lon = np.where(np.arange(count) < 200, 107.5, 108.5)
    good = np.where(np.arange(count) < 200, generator.random(count) < 0.95, generator.random(count) < 0.5)
    lines = ["Thời gian đo;Kinh độ;Vĩ độ;Nhà mạng;Công nghệ;Tốc độ tải xuống (Mb/s);Mã thiết bị"]
    for number in range(count):
        lines.append(
            f"2026-03-{number % 28 + 1:02d} 10:{number % 60:02d};{lon[number]};12.5;Sao Mai;4G;{55.5 if good[number] else 12.25};m{number}"
        )
    lines.append("2026-03-01 23:30;107.5;12.5;Sao Mai;4G;60;m1")  # at night
    (tmp_path / "do.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "thon.csv").write_text(
        "place_id,name,area_code,people,lon,lat\nt1,thôn Một,A,300,107.5,12.5\nt2,thôn Hai,B,200,108.5,12.5\n",
        encoding="utf-8",
    )
    return tmp_path


def speed(*words):
    return run(app, ["speed", *map(str, words)])


def _summarised(files):
    target = files / "tong-hop.parquet"
    assert (
        speed(
            "summarise",
            files / "do.csv",
            "--areas",
            files / "areas.geojson",
            "--tool",
            "i-Speed",
            "--out",
            target,
            "--as-of",
            "2026-06-30",
        )
        == 0
    )
    return target


def test_from_tests_to_verdicts(files, capsys):
    target = _summarised(files)
    assert "401 lần đo, dùng 400" in capsys.readouterr().out
    assert speed("verdict", target, "--floor", 40, "--over", "period", "--json") == 0
    rows = {row["area_code"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["A"]["verdict"] == "met"
    assert rows["B"]["verdict"] == "not_met"
    assert rows["A"]["tests"] == 200


def test_one_pass_over_parquet_gives_the_same_summary(files, capsys):
    target = _summarised(files)
    table = pl.read_csv(files / "do.csv", separator=";").select(
        pl.col("Thời gian đo").str.to_datetime("%Y-%m-%d %H:%M").alias("time"), pl.col("Kinh độ").cast(pl.Float64).alias("lon"), pl.col("Vĩ độ").alias("lat"),
        pl.col("Nhà mạng").alias("operator"), pl.col("Công nghệ").alias("technology"), pl.col("Tốc độ tải xuống (Mb/s)").cast(pl.Float64).alias("download_mbps"),
        pl.lit(None, pl.Float64).alias("upload_mbps"), pl.lit(None, pl.Float64).alias("latency_ms"),
    )  # fmt: skip
    table.write_parquet(files / "do.parquet")
    other = files / "mot-luot.parquet"
    assert (
        speed(
            "summarise",
            files / "do.parquet",
            "--areas",
            files / "areas.geojson",
            "--tool",
            "i-Speed",
            "--out",
            other,
            "--one-pass",
        )
        == 0
    )
    capsys.readouterr()
    assert (
        speed("verdict", target, "--floor", 40, "--json")
        == speed("verdict", other, "--floor", 40, "--json")
        == 0
    )
    left, right = pl.read_parquet(target), pl.read_parquet(other)
    same = [
        "area_code",
        "operator",
        "technology",
        "period",
        "samples",
        "download_bins",
        "download_counts",
        "download_sum_thousandths",
    ]
    assert left.select(same).equals(right.select(same))


def test_a_conversion_factor_between_tools_is_refused(files, capsys):
    target = _summarised(files)
    assert speed("verdict", target, "--floor", 40, "--factor", 0.5) == 2
    assert "Không nhận hệ số quy đổi" in capsys.readouterr().err


def test_campaign_asks_only_where_no_verdict_is_there(files, capsys):
    target = _summarised(files)
    capsys.readouterr()
    plan = files / "ke-hoach-do.csv"
    words = [
        "campaign",
        files / "thon.csv",
        "--operator",
        "Sao Mai:4G",
        "--operator",
        "Núi Biếc:4G",
        "--floor",
        40,
        "--already",
        target,
        "--out",
        plan,
        "--json",
    ]
    assert speed(*words) == 0
    strata = json.loads(capsys.readouterr().out)["strata"]
    assert {row["operator"] for row in strata if row["to_do"]} == {"Núi Biếc"}
    assert pl.read_csv(plan)["tests"].sum() == sum(row["to_do"] for row in strata)


def test_bad_places_are_listed_with_people(files, capsys):
    words = [
        "bad-places",
        files / "do.csv",
        "--floor",
        40,
        "--tool",
        "i-Speed",
        "--places",
        files / "thon.csv",
        "--out",
        files / "yeu",
        "--as-of",
        "2026-06-30",
        "--json",
    ]
    assert speed(*words) == 0
    result = json.loads(capsys.readouterr().out)
    assert [spot["name"] for spot in result["spots"]] == ["thôn Hai"]
    assert result["places"][0]["people"] == 200


@pytest.mark.parametrize("content", ["", "a;b\n1;2\n", "\x00\x01\x02"])
def test_wrong_files_are_refused_with_a_sentence(files, capsys, content):
    wrong = files / "sai.csv"
    wrong.write_text(content)
    assert (
        speed(
            "summarise",
            wrong,
            "--areas",
            files / "areas.geojson",
            "--tool",
            "i-Speed",
            "--out",
            files / "x.parquet",
        )
        == 2
    )
    said = capsys.readouterr().err
    assert "sai.csv" in said
    assert "Traceback" not in said
    assert not (files / "x.parquet").exists()


def test_boundaries_without_codes_are_refused(files, capsys):
    (files / "sai.geojson").write_text(json.dumps(SQUARES).replace('"code"', '"ten"'))
    assert (
        speed(
            "summarise",
            files / "do.csv",
            "--areas",
            files / "sai.geojson",
            "--tool",
            "i-Speed",
            "--out",
            files / "x.parquet",
        )
        == 2
    )
    assert "không có cột mã" in capsys.readouterr().err


def test_a_file_of_which_no_test_counts_is_refused_with_the_reasons(files, capsys):
    """All at midnight: a column of days, without hours."""
    text = (files / "do.csv").read_text(encoding="utf-8").splitlines()
    days = [text[0], *(line[:10] + " 00:00" + line[16:] for line in text[1:])]
    (files / "ngay.csv").write_text("\n".join(days) + "\n", encoding="utf-8")
    asked = ["--areas", files / "areas.geojson", "--tool", "i-Speed", "--as-of", "2026-06-30"]
    assert speed("summarise", files / "ngay.csv", *asked, "--out", files / "x.parquet") == 2
    assert "Đo ngoài khung giờ 6-22 giờ: 401" in capsys.readouterr().err
    assert not (files / "x.parquet").exists()


def test_a_missing_file_is_told_before_anything_is_read(files, capsys):
    asked = ["--areas", files / "không có.geojson", "--tool", "i-Speed", "--out", files / "x.parquet"]
    assert speed("summarise", files / "mất.csv", *asked) == 2
    assert "mất.csv" in capsys.readouterr().err


def test_only_the_first_names_of_a_large_spot_are_shown(files, capsys):
    lines = [f"t{n},thôn {n},B,{100 - n},{108.5 + n / 10000:.4f},12.5" for n in range(5)]
    (files / "thon.csv").write_text(
        "\n".join(["place_id,name,area_code,people,lon,lat", *lines]) + "\n", encoding="utf-8"
    )
    moved = (files / "do.csv").read_text(encoding="utf-8").splitlines()
    spread = [line.replace("108.5;", f"{108.5 + (n % 5) / 10000:.4f};") for n, line in enumerate(moved)]
    (files / "do.csv").write_text("\n".join(spread) + "\n", encoding="utf-8")
    asked = ["--floor", 40, "--tool", "i-Speed", "--places", files / "thon.csv", "--cell-m", 11]
    asked += ["--minimum-tests", 1, "--as-of", "2026-06-30", "--out", files / "yeu"]
    assert speed("bad-places", files / "do.csv", *asked) == 0
    said = capsys.readouterr().out
    assert "và 2 nơi khác" in said
    assert said.count("thôn ") == 3


def test_a_share_written_as_a_fraction_is_refused(files, capsys):
    assert speed("verdict", files / "x.parquet", "--floor", 40, "--share", 0.8) == 2
    assert "--share 80" in capsys.readouterr().err


def test_every_test_that_does_not_count_is_listed_with_file_row_and_reason(files, capsys):
    with (files / "do.csv").open("a", encoding="utf-8") as more:
        more.write("2026-03-01 10:30;107.5;12.5;Sao Mai;4G;nhanh;m1\n")
        more.write("2026-03-01 10:30;120;12.5;Sao Mai;4G;50;m1\n")
    asked = ["--areas", files / "areas.geojson", "--tool", "i-Speed", "--as-of", "2026-06-30"]
    listed = files / "loai.csv"
    assert (
        speed("summarise", files / "do.csv", *asked, "--out", files / "x.parquet", "--rejected", listed) == 0
    )
    table = pl.read_csv(listed)
    assert table.select("file", "row", "reason_code").rows() == [
        ("do.csv", 402, "outside_hours"), ("do.csv", 403, "unreadable"), ("do.csv", 404, "no_area"),
    ]  # fmt: skip
    assert "403 lần đo, dùng 400" in capsys.readouterr().out


def test_tiles_with_outlines_are_written_as_csv(files, capsys):
    tile = {
        "quadkey": "213",
        "avg_d_kbps": 25300,
        "avg_u_kbps": 5000,
        "avg_lat_ms": 20,
        "tests": 7,
        "devices": 3,
    }
    feature = {"type": "Feature", "geometry": SQUARES["features"][0]["geometry"], "properties": tile}
    (files / "o.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert speed("tiles", files / "o.geojson", "--out", files / "o.csv") == 0
    assert pl.read_csv(files / "o.csv")["download_mbps"].to_list() == [25.3]


def test_bad_places_set_aside_what_cannot_be_read_as_the_summary_does(files, capsys):
    with (files / "do.csv").open("a", encoding="utf-8") as more:
        more.write("2026-03-01 10:30;108.5;12.5;Sao Mai;4G;nhanh;m1\n")
    asked = ["--floor", 40, "--tool", "i-Speed", "--places", files / "thon.csv", "--as-of", "2026-06-30"]
    assert speed("bad-places", files / "do.csv", *asked, "--out", files / "yeu", "--json") == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert (told["received"], told["kept"]) == (402, 400)
    assert "dòng 403" in said.err
