"""What the migrations build is what the models say."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_model_waits_for_a_migration(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", "--check", "--dry-run")  # leaves with an exit code where one is missing
    assert "No changes detected" in capsys.readouterr().out
