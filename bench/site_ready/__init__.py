"""Importing this makes the site ready in this process: on a database of its own unless one is named, brought up to date.

Models can only be imported afterwards, so it stands before them at the head of a script.
"""

from __future__ import annotations

import os
import tempfile

import django
from django.core.management import call_command

if "DATABASE_URL" not in os.environ:
    os.environ.setdefault("HATANGSO_HOME", tempfile.mkdtemp(prefix="hatangso-bench-"))
os.environ["DJANGO_SETTINGS_MODULE"] = "hatangso_web.settings"
django.setup()
call_command("migrate", verbosity=0)
