"""Keeps the translation files in step with the sources, without GNU gettext on the machine.

Usage: python tools/translations.py          take up new words, drop those gone, compile; says what is untranslated
       python tools/translations.py --check  change nothing; exit 1 when anything is missing, left over or stale
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import polib

SITE = Path(__file__).resolve().parents[1] / "src" / "hatangso_web"
ENGLISH = SITE / "locale" / "en" / "LC_MESSAGES" / "django.po"
VIETNAMESE = SITE / "locale" / "vi" / "LC_MESSAGES" / "django.po"
_CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
_TAG = re.compile(r"""\{%\s*(?:translate|trans)\s+(?P<quote>["'])(?P<text>.*?)(?P=quote)[^%]*%\}""", re.S)
_WRAPPED = re.compile(r"""_\((?P<quote>["'])(?P<text>.*?)(?P=quote)\)""")
_BLOCK = re.compile(
    r"\{%\s*blocktrans(?:late)?\b(?P<head>[^%]*)%\}(?P<body>.*?)\{%\s*endblocktrans(?:late)?\s*%\}", re.S
)
_PLURAL = re.compile(r"\{%\s*plural\s*%\}")
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def words_of_python(text: str) -> set[tuple[str, str]]:
    """Return the (singular, plural) texts that a Python file marks for translation; the plural may be empty."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        wanted = _CALLS.get(name)
        texts = [part.value for part in node.args[: wanted or 0] if isinstance(part, ast.Constant)]
        if wanted and len(texts) == wanted and all(isinstance(text, str) for text in texts):
            found.add((texts[0], texts[1] if wanted == 2 else ""))
    return found


def words_of_template(text: str) -> set[tuple[str, str]]:
    """Return the (singular, plural) texts that a template marks for translation."""
    found = {(match["text"], "") for match in _TAG.finditer(text)}
    found |= {(match["text"], "") for match in _WRAPPED.finditer(text)}
    for match in _BLOCK.finditer(text):
        body = re.sub(r"\s+", " ", match["body"].strip()) if "trimmed" in match["head"] else match["body"]
        parts = [_VARIABLE.sub(r"%(\1)s", part.replace("%", "%%")) for part in _PLURAL.split(body)]
        found.add((parts[0], parts[1] if len(parts) > 1 else ""))
    return found


def words_of_site() -> dict[tuple[str, str], list[str]]:
    """Return every text of the site with the files it stands in."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted([*SITE.rglob("*.py"), *SITE.rglob("*.html")]):
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        for words in words_of_python(text) if path.suffix == ".py" else words_of_template(text):
            found.setdefault(words, []).append(path.relative_to(SITE.parent).as_posix())
    return found


def faults() -> list[str]:
    """Return what is missing, left over, untranslated or not compiled, one line each."""
    catalogue, wanted = polib.pofile(str(ENGLISH)), words_of_site()
    written = {(entry.msgid, entry.msgid_plural) for entry in catalogue if not entry.obsolete}
    found = [
        f"thiếu trong {ENGLISH.name}: {words[0]!r} ({', '.join(wanted[words])})"
        for words in sorted(set(wanted) - written)
    ]
    found += [f"thừa trong {ENGLISH.name}: {words[0]!r}" for words in sorted(written - set(wanted))]
    for path in (ENGLISH, VIETNAMESE):
        catalogue = polib.pofile(str(path))
        found += [f"chưa dịch: {entry.msgid!r}" for entry in catalogue if not entry.translated()]
        found += [
            f"dịch thiếu chỗ thay thế: {entry.msgid!r}"
            for entry in catalogue
            if entry.msgstr
            and set(re.findall(r"%\(\w+\)s", entry.msgid)) != set(re.findall(r"%\(\w+\)s", entry.msgstr))
        ]
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
            found.append(f"{compiled.relative_to(SITE.parent)} không khớp với {path.name}")
    return found


def update() -> list[str]:
    """Bring the English file in step with the sources, compile both, and return what is untranslated."""
    catalogue, wanted = polib.pofile(str(ENGLISH), wrapwidth=0), words_of_site()
    present = {(entry.msgid, entry.msgid_plural): entry for entry in catalogue}
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = dict(catalogue.metadata)
    for words in sorted(wanted):
        entry = present.get(words) or polib.POEntry(msgid=words[0], msgid_plural=words[1])
        if words[1] and not entry.msgstr_plural:
            entry.msgstr_plural = {0: "", 1: ""}
        entry.occurrences = [(path, "") for path in wanted[words]]
        entry.flags = ["python-format"] if "%(" in words[0] else []
        fresh.append(entry)
    fresh.save(str(ENGLISH))
    for path in (ENGLISH, VIETNAMESE):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
    return [entry.msgid for entry in fresh if not entry.translated()]


if __name__ == "__main__":
    report = faults() if "--check" in sys.argv else [f"chưa dịch: {text!r}" for text in update()]
    print("\n".join(report) or "Bản dịch đầy đủ.")
    sys.exit(bool(report))
