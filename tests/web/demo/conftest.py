"""The invented province, loaded once for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from hatangso_web.demo.load import SampleAccount, load_demo


@pytest.fixture(scope="module")
def demo(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[SampleAccount]]:
    """Load a province of the file's SIZE and return its accounts; each test works in a savepoint of its own."""
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(
            MEDIA_ROOT=tmp_path_factory.mktemp("demo"),
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ),
    ):
        accounts = load_demo(size=request.module.SIZE)
        yield accounts
        transaction.set_rollback(True)
