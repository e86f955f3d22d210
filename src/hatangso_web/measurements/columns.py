"""Which column of a file is what: as remembered for the organisation, else as the headers suggest; and the unit of speeds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hatangso.speed.samples import SAMPLES, unit_factor, without_unit
from hatangso.tables import header_signature, match_headers
from hatangso_web.accounts.models import Organisation, User
from hatangso_web.measurements.importing import headers_of
from hatangso_web.measurements.models import ColumnMapping, FileKind, SampleFile

SPEED_COLUMNS = ("download_mbps", "upload_mbps")
_NEEDED = ("time", "operator", "download_mbps")


def name_columns(file: SampleFile) -> bool:
    """Read the headers of a file not read yet and name its columns, in memory; True when nothing is left to be asked.

    Raises
    ------
    InputError
        when the file cannot be read as a table.
    """
    if file.headers:
        return True
    file.headers, tiles = headers_of(Path(file.file.path))
    if tiles:
        file.kind = FileKind.TILES
        return True
    file.mapping, file.unit = proposed_mapping(file.headers, file.uploaded_by)
    known = set(file.mapping.values()) >= set(_NEEDED)
    return known and bool(file.unit or unit_is_told(file.headers, file.mapping))


def organisation_of(user: User) -> Organisation | None:
    """Return the organisation a person works for: that of the first role."""
    held = user.memberships_held
    return held[0].organisation if held else None


def proposed_mapping(headers: list[str], user: User) -> tuple[dict[str, str], str]:
    """Return header → column and the unit: as remembered for the organisation, else as the names suggest."""
    organisation = organisation_of(user)
    remembered = ColumnMapping.objects.filter(
        organisation=organisation, header_set=header_signature(headers)
    ).first()
    if remembered is not None:
        return {sent: ours for sent, ours in remembered.mapping.items() if sent in headers}, remembered.unit
    bare = {header: without_unit(header) for header in headers}
    proposal = match_headers(bare.values(), SAMPLES)
    return {header: proposal[short] for header, short in bare.items() if short in proposal}, ""


def unit_is_told(headers: list[str], mapping: Mapping[str, str]) -> bool:
    """Tell whether every header of a speed names its unit."""
    speeds = [sent for sent, ours in mapping.items() if ours in SPEED_COLUMNS]
    return all(sent in SPEED_COLUMNS or unit_factor(sent) is not None for sent in speeds)
