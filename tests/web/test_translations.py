"""English is complete and compiled; Vietnamese is the text in the source."""

from __future__ import annotations

from tools.translations import faults, words_of_python, words_of_template


def test_nothing_is_untranslated_left_over_or_stale() -> None:
    assert faults() == []


def test_words_are_found_in_python_and_templates() -> None:
    assert words_of_python('_("a"); ngettext("b", "c", n); _(name); other("d")') == {("a", ""), ("b", "c")}
    text = '{% translate "a" %}{% badge _("b") "good" %}{% blocktranslate with x=y %}c {{ x }}{% endblocktranslate %}'
    assert words_of_template(text) == {("a", ""), ("b", ""), ("c %(x)s", "")}
