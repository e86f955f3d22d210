"""Choices as the type checker, which does not see into Django, must know them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

if TYPE_CHECKING:

    class TextChoices(StrEnum):
        """What the type checker, which does not see into Django, must know of choices."""

        label: str
        values: ClassVar[list[str]]
        choices: ClassVar[list[tuple[str, str]]]

        def __new__(cls, value: str, label: Any = "") -> TextChoices: ...

else:
    TextChoices = models.TextChoices
