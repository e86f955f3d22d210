"""Where samples, rejected samples and summaries lie; a file is there whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
from django.conf import settings

from hatangso.speed.summaries import Summaries, read_summaries, write_summaries
from hatangso_web.measurements.models import CampaignRun, SampleFile


def kept_path(file: SampleFile) -> Path:
    """Return where the samples of a committed file lie."""
    return _folder(file.campaign_id) / f"{file.pk}-{file.stored_as}-kept.parquet"


def rejected_path(file: SampleFile) -> Path:
    """Return where the rejected samples of a checked or committed file lie, each with its reason."""
    return _folder(file.campaign_id) / f"{file.pk}-{file.stored_as}-rejected.parquet"


def summary_path(file: SampleFile) -> Path:
    """Return where the summary of a committed file lies."""
    return _folder(file.campaign_id) / f"{file.pk}-{file.stored_as}-summary.parquet"


def run_path(run: CampaignRun) -> Path:
    """Return where the merged summary of a run lies; runs over the same files share it."""
    return merged_path(run.campaign_id, run.digest)


def merged_path(campaign_id: int, digest: str) -> Path:
    """Return where the summary merged of the files of this digest lies."""
    return _folder(campaign_id) / f"merged-{digest[:32]}.parquet"


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write a table whole or not at all."""
    _write_whole(lambda target: frame.write_parquet(target), path)


def write_summary(summaries: Summaries, path: Path) -> None:
    """Write summaries whole or not at all; what lies beside them comes first."""
    _write_whole(lambda target: write_summaries(summaries, target), path)


def read_run(run: CampaignRun) -> Summaries:
    """Return the merged summaries of a run."""
    return read_summaries(run_path(run))


def drop_files(file: SampleFile) -> None:
    """Remove what was written of a file that never was committed."""
    for path in (kept_path(file), rejected_path(file), summary_path(file)):
        path.unlink(missing_ok=True)
        path.with_name(path.stem + ".clusters.parquet").unlink(missing_ok=True)


def _folder(campaign_id: int) -> Path:
    return Path(settings.MEDIA_ROOT) / "speed" / "campaigns" / str(campaign_id)


def _write_whole(write: Callable[[Path], None], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".ghi-") as folder:
        write(Path(folder) / path.name)
        written = sorted(Path(folder).iterdir(), key=lambda part: part.name == path.name)
        for part in written:
            part.replace(path.parent / part.name)
