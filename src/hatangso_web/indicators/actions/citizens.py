"""How much citizens may send in: a limit by address that forgets within a day, and one for all together."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hatangso_web.indicators.models import PublicAttempt


@transaction.atomic
def use_allowance(address_hash: str) -> str:
    """Count one more from this address; returns why it may not, or nothing. Rows older than a day are thrown away."""
    now = timezone.now()
    PublicAttempt.objects.filter(at__lt=now - timedelta(days=1)).delete()
    own = PublicAttempt.objects.filter(address_hash=address_hash, at__gt=now - timedelta(hours=1)).count()
    if own >= settings.CHALLENGES_PER_HOUR:
        return _("Địa chỉ mạng này đã gửi đủ %(number)s phản ánh trong một giờ. Hãy thử lại sau.") % {
            "number": settings.CHALLENGES_PER_HOUR
        }
    if PublicAttempt.objects.count() >= settings.CHALLENGES_PER_DAY:
        return _("Hôm nay hệ thống đã nhận quá nhiều phản ánh. Hãy thử lại ngày mai.")
    PublicAttempt.objects.create(address_hash=address_hash, at=now)
    return ""
