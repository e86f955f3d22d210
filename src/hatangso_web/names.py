"""Columns for names written in Vietnamese: a folded one to search without diacritics, one that sorts as in a dictionary."""

from __future__ import annotations

from typing import Any

from django.db import models

from hatangso.vietnamese import fold, nfc, sort_key

_SORTED_LETTERS = 80


def order_text(text: str) -> str:
    """Return the Vietnamese dictionary key of ``text`` as hexadecimal digits.

    The order of these digits is the same in SQLite and in every collation of PostgreSQL. Letters come
    first, a mark lower than any letter ends them, tones break ties. Only the first 80 letters count.
    """
    letters, tones, _ = sort_key(text[:_SORTED_LETTERS])
    return "".join(f"{letter:02x}" for letter in letters) + "00" + "".join(str(tone) for tone in tones)


class FoldedField(models.TextField):
    """The value of another column without case and diacritics, written whenever the row is written."""

    def __init__(self, of: str = "name", **options: Any) -> None:
        self.of = of
        options.update(editable=False, default="", blank=True)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        """Return what a migration needs to build the column again."""
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Compute the column from its source."""
        value = self.computed(str(getattr(model_instance, self.of) or ""))
        setattr(model_instance, self.attname, value)
        return value

    def computed(self, text: str) -> str:
        """Return the folded text."""
        return fold(nfc(text))


class OrderField(FoldedField):
    """The Vietnamese dictionary key of another column; sort by it."""

    def computed(self, text: str) -> str:
        """Return the dictionary key."""
        return order_text(text)


def matching(words: str, *columns: str) -> models.Q:
    """Return the filter "every word stands in one of these folded columns": ``dak nong`` finds Đắk Nông."""
    condition = models.Q()
    for word in fold(nfc(words)).split():
        any_column = models.Q()
        for column in columns:
            any_column |= models.Q(**{f"{column}__contains": word})
        condition &= any_column
    return condition
