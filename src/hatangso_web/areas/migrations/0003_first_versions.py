"""Give every area that was there before versions its first one: what stood on it, for its whole life."""

from django.db import migrations

WRITE = """
INSERT INTO areas_areaversion
  (area_id, kind, name, name_folded, name_order, level, parent_id, path, valid_from, valid_until)
SELECT id, '', name, name_folded, name_order, level, parent_id, path, valid_from, valid_until
FROM areas_area
WHERE NOT EXISTS (SELECT 1 FROM areas_areaversion WHERE areas_areaversion.area_id = areas_area.id)
"""


class Migration(migrations.Migration):
    dependencies = [("areas", "0002_areas_in_time")]
    operations = [migrations.RunSQL(WRITE, migrations.RunSQL.noop)]
