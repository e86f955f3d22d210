"""Verbs of radio coverage: `pathloss` on one profile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hatangso.cli.coverage_options import N0, DeltaN, Polarisation, TimePercent
from hatangso.cli.screen import out, print_json, words
from hatangso.radio.building import building_entry_loss
from hatangso.radio.profile import COASTAL, INLAND, SEA, Link, Profile
from hatangso.radio.shortrange import any_path_loss
from hatangso.tables import Column, TableSpec, read_table

PROFILE_SPEC = TableSpec(
    "mặt cắt địa hình",
    (
        Column("distance_km", "number", "Khoảng cách", "km", minimum=0, aliases=("khoang cach", "d", "distance")),
        Column("height_m", "number", "Độ cao mặt đất", "m", aliases=("do cao", "h", "height")),
        Column(
            "clutter_height_m", "number", "Độ cao vật che phủ", "m", required=False, nullable=True, minimum=0,
            aliases=("do cao vat che", "clutter"),
        ),
        Column(
            "zone", "category", "Vùng", required=False, nullable=True,
            categories={
                "sea": ("biển", "1"), "coastal": ("ven biển", "3"), "inland": ("nội địa", "đất liền", "4"),
            },
        ),
    ),
)  # fmt: skip
_ZONES = {"sea": SEA, "coastal": COASTAL, "inland": INLAND, None: INLAND}
ProfileTable = Annotated[
    Path, typer.Argument(help=words("Bảng mặt cắt: distance_km, height_m, …", "Profile table"))
]
AboveGround = Annotated[float, typer.Option(help=words("m trên mặt đất", "m above ground"))]
PlacesPercent = Annotated[float, typer.Option(help=words("% vị trí, 1-99", "% of places, 1-99"))]
ToCoast = Annotated[float, typer.Option(help=words("km đất liền tới bờ biển", "km of land to the coast"))]
Square = Annotated[float, typer.Option(help=words("ô mà vị trí thay đổi trong đó, m", "square, m"))]
EntryLoss = Annotated[
    str,
    typer.Option(help=words("thêm suy hao vào nhà P.2109: traditional | efficient", "add P.2109 entry loss")),
]
EveryStep = Annotated[bool, typer.Option("--json", help=words("in JSON với mọi giá trị trung gian", "JSON"))]


def read_profile(path: Path) -> Profile:
    """Read a profile table: distance_km, height_m, optional clutter_height_m and zone (empty = 0 m, inland)."""
    table = read_table(path, PROFILE_SPEC)
    return Profile(
        table["distance_km"].to_numpy(),
        table["height_m"].to_numpy(),
        table["clutter_height_m"].fill_null(0.0).to_numpy(),
        table["zone"].replace_strict(_ZONES, default=INLAND).to_numpy(),
    )


def pathloss(
    profile: ProfileTable,
    frequency_ghz: Annotated[float, typer.Option(help="GHz")],
    tx_height_m: AboveGround,
    rx_height_m: AboveGround = 1.5,
    time_percent: TimePercent = 50.0,
    location_percent: PlacesPercent = 50.0,
    polarisation: Polarisation = "v",
    delta_n: DeltaN = 45.0,
    n0: N0 = 325.0,
    tx_lat: float = 16.0,
    tx_lon: float = 108.0,
    rx_lat: float = 16.0,
    rx_lon: float = 108.0,
    tx_coast_km: ToCoast = 500.0,
    rx_coast_km: ToCoast = 500.0,
    resolution_m: Square = 50.0,
    building: EntryLoss = "",
    as_json: EveryStep = False,
) -> None:
    """Suy hao trên một mặt cắt theo ITU-R P.1812, với mọi giá trị trung gian."""
    link = Link(
        frequency_ghz=frequency_ghz, tx_height_m=tx_height_m, rx_height_m=rx_height_m, time_percent=time_percent,
        location_percent=location_percent, polarisation=polarisation, delta_n=delta_n, n0=n0,  # type: ignore[arg-type]
        tx_lat=tx_lat, tx_lon=tx_lon, rx_lat=rx_lat, rx_lon=rx_lon, tx_coast_km=tx_coast_km,
        rx_coast_km=rx_coast_km, resolution_m=resolution_m,
    )  # fmt: skip
    answer = any_path_loss(read_profile(profile), link)
    entry = None
    if building:
        entry = building_entry_loss(frequency_ghz, percent=location_percent, building=building)  # type: ignore[arg-type]
    if as_json:
        print_json(
            {
                "loss_db": answer.loss_db,
                "field_strength_dbuvm": answer.field_strength_dbuvm,
                "model": answer.model,
                "building_entry_loss_db": entry,
                "intermediates": answer.steps,
            }
        )
        return
    out.print(words("Mô hình: ", "Model: ") + answer.model, markup=False)
    out.print(words("Suy hao truyền sóng: ", "Basic transmission loss: ") + f"{answer.loss_db:.4f} dB")
    out.print(
        words("Cường độ trường (1 kW): ", "Field strength (1 kW): ")
        + f"{answer.field_strength_dbuvm:.4f} dBµV/m"
    )
    if entry is not None:
        out.print(words("Suy hao vào nhà (P.2109): ", "Building entry loss (P.2109): ") + f"{entry:.2f} dB")
    for symbol, value in answer.steps.items():
        out.print(f"  {symbol:12s} {value:.10g}", markup=False)
