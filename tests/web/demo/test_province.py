"""The invented province: the same seed gives the same province, whole and inside itself."""

import pytest
import shapely

from hatangso_web.demo.province import make_province


def test_same_seed_and_size_give_the_same_province():
    assert make_province(seed=7, size=5) == make_province(seed=7, size=5)


def test_another_seed_gives_another_province():
    assert make_province(seed=7, size=5).people != make_province(seed=8, size=5).people


@pytest.mark.parametrize("size", [1, 2, 24, 200])
def test_communes_tile_the_province_without_overlap(size):
    outlines = [commune.outline for commune in make_province(size=size).communes]
    whole = shapely.union_all(outlines)
    assert len(outlines) == size
    assert sum(outline.area for outline in outlines) == pytest.approx(whole.area, rel=1e-6)


def test_every_village_lies_in_its_commune_and_codes_do_not_repeat():
    province = make_province(size=12)
    for commune in province.communes:
        for village in commune.villages:
            assert shapely.contains_xy(commune.outline.buffer(1e-6), village.lon, village.lat)
            assert village.commune_code == commune.code
    codes = [village.code for village in province.villages]
    assert len(set(codes)) == len(codes)


def test_no_invented_code_can_be_taken_for_an_official_one():
    assert not any(commune.code.isdigit() for commune in make_province(size=30).communes)


def test_size_out_of_range_is_refused():
    with pytest.raises(ValueError, match="5000"):
        make_province(size=0)
