"""The app of plans."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    """Plans: documents, findings, confirmed targets and tasks."""

    name = "hatangso_web.plans"
    label = "plans"
    verbose_name = _("Kế hoạch")
