"""Give the challenges that are there their area, period and receipt."""

from django.db import migrations

from hatangso_web.indicators.models.challenges import new_receipt


def fill(apps, schema_editor):
    challenges = apps.get_model("indicators", "Challenge")
    for challenge in challenges.objects.filter(area=None).select_related("value"):
        challenge.area_id = challenge.value.area_id
        challenge.period = challenge.value.period
        challenge.operator_id = challenge.value.operator_id
        challenge.receipt = new_receipt()
        challenge.save()


class Migration(migrations.Migration):
    dependencies = [("indicators", "0003_scores_and_citizens_challenges")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
