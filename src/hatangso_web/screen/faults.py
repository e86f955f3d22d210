"""Puts the sentences of a refused action beside the fields of its form."""

from __future__ import annotations

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def add_faults(form: forms.BaseForm, fault: ValidationError) -> None:
    """Add every sentence of ``fault`` to its field, or to the form as a whole where it has no such field."""
    if not hasattr(fault, "error_dict"):
        form.add_error(None, fault)
        return
    for name, errors in fault.error_dict.items():
        form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, errors)
