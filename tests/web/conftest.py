"""The people and places of the tests of the site."""

from __future__ import annotations

from tests.people import (
    administrator,
    clerk,
    client_of,
    django_db_setup,
    leader,
    neighbour,
    office,
    operator,
    own_files,
    person,
    places,
    province_administrator,
    specialist,
    stranger,
    tasks_now,
    viewer,
)

__all__ = [
    "administrator",
    "clerk",
    "client_of",
    "django_db_setup",
    "leader",
    "neighbour",
    "office",
    "operator",
    "own_files",
    "person",
    "places",
    "province_administrator",
    "specialist",
    "stranger",
    "tasks_now",
    "viewer",
]
