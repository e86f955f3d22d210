"""What a run says, worked out once and kept beside its summaries: verdicts of every area, spots below the floor.

Working out a verdict goes through all devices of a campaign; a page only looks it up. The files are named after the
inputs of the run, and made when they are missing, so throwing them away loses nothing.
"""

from __future__ import annotations

import functools
from pathlib import Path

import polars as pl

from hatangso.errors import InputError
from hatangso.speed.bad_places import find_bad_places
from hatangso.speed.summaries import Summaries, merge, read_summaries
from hatangso.speed.verdicts import verdicts
from hatangso_web.measurements.figures import paths_below, requirement_of, rolled_to, without_devices
from hatangso_web.measurements.models import Campaign, CampaignRun, FileKind, FileState
from hatangso_web.measurements.storage import kept_path, merged_path, read_run, write_frame, write_summary

_SPOTS = {"name": pl.String, "lon": pl.Float64, "lat": pl.Float64}


def judge_run(run: CampaignRun) -> None:
    """Work out and keep what pages will ask of a run; done by the worker, so that no visitor waits for it."""
    judged_of(run)
    drawn_of(run)


def judged_of(run: CampaignRun) -> pl.DataFrame:
    """Return the verdict of every area, operator and technology of a run, and of all operators together."""
    path = merged_path(run.campaign_id, run.digest).with_suffix(".judged.parquet")
    if not path.exists():
        write_frame(_judged(run.campaign, read_run(run)), path)
    return _table(path)


def drawn_of(run: CampaignRun) -> Summaries:
    """Return the summaries of a run without its devices: enough to draw distributions and take medians."""
    path = merged_path(run.campaign_id, run.digest).with_suffix(".drawn.parquet")
    if not path.exists():
        write_summary(without_devices(read_run(run)), path)
    return _drawn(path)


def spots_of(run: CampaignRun, villages: pl.DataFrame) -> pl.DataFrame:
    """Return the spots of a run below the floor; none where no test has a point. Villages give names and people."""
    known = f"{int(villages.hash_rows(seed=7).sum() or 0):x}"[:16]
    path = merged_path(run.campaign_id, run.digest).with_suffix(f".spots-{known}.parquet")
    if not path.exists():
        write_frame(_spots(run, villages), path)
    return _table(path)


def both(summaries: Summaries) -> Summaries:
    """Return each operator, and all operators of a technology where there are several."""
    codes = {code: [code] for code in summaries.keys["area_code"].unique()}
    together = rolled_to(summaries, codes, 0, ("operator",))
    return merge([summaries, together]) if len(summaries) else summaries


def depth_of(summaries: Summaries, campaign: Campaign) -> int:
    """Return how many levels of areas the samples reach, the campaign's own among them."""
    paths = paths_below(campaign.area)
    return max((len(paths[code]) for code in summaries.keys["area_code"].unique()), default=0)


def _judged(campaign: Campaign, summaries: Summaries) -> pl.DataFrame:
    paths, requirement = paths_below(campaign.area), requirement_of(campaign)
    levels = [both(rolled_to(summaries, paths, level)) for level in range(depth_of(summaries, campaign))]
    tables = [verdicts(rolled, requirement) for rolled in levels if len(rolled)]
    return pl.concat(tables, how="vertical_relaxed") if tables else pl.DataFrame()


def _spots(run: CampaignRun, villages: pl.DataFrame) -> pl.DataFrame:
    files = run.campaign.files.filter(state=FileState.COMMITTED, kind=FileKind.SAMPLES, sha256__in=run.inputs)
    columns = ["lon", "lat", "operator", "technology", "tool", "method", "device", "download_mbps"]
    parts = [pl.read_parquet(kept_path(file), columns=columns) for file in files]
    nothing = pl.DataFrame(schema=_SPOTS)
    if not parts:
        return nothing
    try:
        found = find_bad_places(
            pl.concat(parts).with_columns(pl.col("technology").fill_null("?")),
            requirement_of(run.campaign),
            places=villages if villages["lon"].null_count() < villages.height else None,
        )
    except InputError:
        return nothing
    return found.spots


@functools.lru_cache(maxsize=16)
def _table(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path)


@functools.lru_cache(maxsize=8)
def _drawn(path: Path) -> Summaries:
    return read_summaries(path)
