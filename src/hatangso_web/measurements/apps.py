"""The app of speed measuring."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasurementsConfig(AppConfig):
    """Campaigns, samples, results, declared speeds, the built-in test."""

    name = "hatangso_web.measurements"
    label = "measurements"
    verbose_name = _("Đo tốc độ")
