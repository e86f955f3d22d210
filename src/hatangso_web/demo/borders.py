"""Borders of the invented communes, handed in as a GeoJSON file the way an office would, for today and before the change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta

import shapely
from django.core.files.base import ContentFile

from hatangso_web.accounts.models import User
from hatangso_web.areas.models import Boundary
from hatangso_web.demo.former import CHANGED_ON, former_communes, young_codes
from hatangso_web.demo.names import INVENTED
from hatangso_web.demo.province import Commune, Province
from hatangso_web.gazetteer.actions import HandedIn, hand_in, write_file
from hatangso_web.gazetteer.jobs import check, store
from hatangso_web.gazetteer.models import FileState


def load_borders(province: Province, *, by: User) -> None:
    """Hand in, check and write the borders of all communes, once; before the change also those of that time."""
    if Boundary.objects.filter(version__area__code=province.communes[0].code).exists():
        return
    formers = former_communes(province)
    _load(province.communes, on=CHANGED_ON, by=by)
    if formers:
        young = young_codes(formers)
        stayed = [commune for commune in province.communes if commune.code not in young]
        _load([*stayed, *(former.commune for former in formers)], on=CHANGED_ON - timedelta(days=1), by=by)


def _load(communes: Sequence[Commune], *, on: date, by: User) -> None:
    file = ContentFile(_geojson(communes), name=f"ranh-gioi-{on:%Y-%m-%d}.geojson")
    source = f"ranh giới {INVENTED} của tỉnh mẫu"
    row, _known = hand_in(HandedIn(file, "boundaries", on, "commune", source), by=by)
    check.call(row.pk)  # at once, not by the worker: the maps of the demo wait for it
    row.refresh_from_db()
    write_file(row, by=by)
    store.call(row.pk)
    row.refresh_from_db()
    if row.state != FileState.STORED:
        raise ValueError(f"the invented borders were refused: {row.failure}")


def _geojson(communes: Sequence[Commune]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"code": commune.code, "name": commune.full_name},
            "geometry": shapely.geometry.mapping(commune.outline),
        }
        for commune in communes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()
