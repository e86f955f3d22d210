"""Whether the site can work: asked by the machinery that keeps it running."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers and is up to date, 503 with the reason otherwise."""
    reason = ""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if pending_migrations():
            reason = "cơ sở dữ liệu chưa được nâng cấp: chạy hatangso migrate"
    except DatabaseError:
        reason = "không kết nối được cơ sở dữ liệu"
    answer = {"status": "unavailable" if reason else "ok", "reason": reason}
    return JsonResponse(answer, status=503 if reason else 200, json_dumps_params={"ensure_ascii": False})


def pending_migrations() -> list[str]:
    """Return the names of the migrations the database has not seen."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
