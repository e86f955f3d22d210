"""English is complete and compiled; Vietnamese is the text in the source."""

from __future__ import annotations

from django.utils import translation

from tools.translations import faults, words_of_python, words_of_site, words_of_template


def test_nothing_is_untranslated_left_over_or_stale() -> None:
    assert faults() == []


def test_words_are_found_in_python_and_templates() -> None:
    assert words_of_python('_("a"); ngettext("b", "c", n); _(name); other("d")') == {("a", ""), ("b", "c")}
    text = '{% translate "a" %}{% badge _("b") "good" %}{% blocktranslate with x=y %}c {{ x }}{% endblocktranslate %}'
    assert words_of_template(text) == {("a", ""), ("b", ""), ("c %(x)s", "")}


def test_no_vietnamese_text_is_taken_for_an_english_one_of_a_library() -> None:
    """ "Thu" is also Thursday: Django's own catalogue would turn it into "Thứ 5"."""
    with translation.override("vi"):
        turned = {text: translation.gettext(text) for text, plural in words_of_site() if not plural}
    assert {text: shown for text, shown in turned.items() if shown != text} == {}
