"""The command line's manners: language, exit codes, no traceback for bad input."""

import subprocess
import sys

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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["siting", "maximal"], "Thiếu"),
        (["siting", "maximal", "a", "b", "c", "--budget", "năm"], "--budget: cần một số"),
        (["speed", "summarise", "a.csv"], "Thiếu --out"),
        (["read", "--sai"], "Không có tùy chọn --sai"),
        (["lam-gi"], "Không có lệnh 'lam-gi'"),
        (["siting", "maximal", "a", "b", "c", "--seed", "1.5"], "--seed: cần một số nguyên"),
        (["read", "a", "b", "c"], "Thừa tham số"),
        (["siting", "maximal", "--budget"], "cần một giá trị"),
    ],
)
def test_a_wrong_command_line_is_told_in_vietnamese(arguments, sentence, capsys, monkeypatch):
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    assert run(app, arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "--help" in said
    assert "Usage" not in said


def test_a_reader_that_goes_away_is_no_fault():
    lines = "import sys; from hatangso.cli.screen import out, run; import typer; a = typer.Typer(); "
    verb = (
        "a.command()(lambda: [out.print('dòng ' * 20) for _ in range(5000)] and None); sys.exit(run(a, []))"
    )
    command = f'"{sys.executable}" -c "{lines}{verb}" | head -1 > /dev/null; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("0", "")


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
