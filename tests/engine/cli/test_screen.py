"""The command line's manners: language, exit codes, no traceback for bad input."""

import pytest
import typer

from hatangso.cli.main import VERBS, app, load
from hatangso.cli.screen import run, words
from hatangso.errors import CancelledError, InfeasibleError, InputError


def program(action):
    made = typer.Typer()
    made.command()(action)
    return made


def raising(fault):
    def action():
        raise fault

    return program(action)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (InputError("Tệp", found="rỗng"), 2),
        (InfeasibleError("Không thể", ["dòng 1"]), 2),
        (CancelledError("Đã dừng"), 130),
        (KeyError("x"), 1),
    ],
)
def test_exit_codes(fault, code, capsys):
    assert run(raising(fault), []) == code
    said = capsys.readouterr().err
    assert ("Traceback" in said) == (code == 1)


def test_a_done_verb_leaves_with_zero():
    assert run(program(lambda: None), []) == 0


def test_an_unknown_option_is_bad_input(capsys):
    assert run(app, ["read", "--sai"]) == 2
    assert "--sai" in capsys.readouterr().err


def test_help_speaks_the_language_of_the_locale(monkeypatch):
    for variable in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert words("xin chào", "hello") == "hello"
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    assert words("xin chào", "hello") == "xin chào"


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_can_be_loaded(name):
    assert load(name).name == name
