"""The app of indicators."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    """Indicators: rounds, submissions, approved values, computed figures, the village list."""

    name = "hatangso_web.indicators"
    label = "indicators"
    verbose_name = _("Số liệu")
