"""What the frame of every page knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the values the frame shows."""
    return {"person": getattr(request, "user", None)}
