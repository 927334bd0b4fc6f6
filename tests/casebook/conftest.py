"""Every test of the casebook runs on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgres import postgres  # noqa: F401

from melanoma.casebook import Casebook, open_casebook

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_template(request) -> str:
    """A database with the casebook's tables, that others are copies of."""
    url = request.getfixturevalue("postgres").create("template_of_casebooks")
    open_casebook(url).close()
    return "template_of_casebooks"


@pytest.fixture(params=["sqlite", "postgresql"])
def make_place(request, tmp_path) -> Iterator[Callable[[], str]]:
    """Makes empty places for casebooks: folders or databases."""
    databases = []

    def make() -> str:
        number = next(NUMBERS)
        if request.param == "sqlite":
            folder = Path(tmp_path / f"casebook {number}%20#?")  # what a URL would read as something else
            folder.mkdir()
            return str(folder)
        template = request.getfixturevalue("postgres_template")
        databases.append(f"casebook_{number}")
        return request.getfixturevalue("postgres").create(databases[-1], template)

    yield make
    for name in databases:  # each is 300 files, which the disk need not see
        request.getfixturevalue("postgres").drop(name)


@pytest.fixture
def place(make_place) -> str:
    """An empty place for a casebook."""
    return make_place()


@pytest.fixture
def book(place) -> Iterator[Casebook]:
    """An empty casebook."""
    opened = open_casebook(place)
    yield opened
    opened.close()


@pytest.fixture
def other(make_place) -> Iterator[Casebook]:
    """Another empty casebook."""
    opened = open_casebook(make_place())
    yield opened
    opened.close()
