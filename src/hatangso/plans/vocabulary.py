"""The word lists of the plan reader, read once from the YAML files in ``words/``."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_LOOK_BEHIND = re.compile(r"\(\?<!.*?\)")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def word_list(name: str) -> Any:
    """Return the content of ``words/<name>.yml``; the caller must not change it."""
    source = files("hatangso.plans").joinpath("words", f"{name}.yml").read_text(encoding="utf-8")
    return yaml.load(source, Loader=_Loader)  # a safe loader, compiled where libyaml is there


def spaced(pattern: str) -> str:
    """Return the pattern with each blank standing for any run of blanks (an optional one for ``" ?"``).

    Inside a look-behind, whose width is fixed, a blank is one blank.
    """
    pattern = _LOOK_BEHIND.sub(lambda found: found.group().replace(" ", r"\s"), pattern)
    return pattern.replace(" ?", r"\s*").replace(" ", r"\s+")
