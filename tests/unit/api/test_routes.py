"""Functions as routes."""

from typing import Any

import pytest

from api.models import Version
from api.routes import Routes


def test_a_parameter_that_does_not_say_how_it_is_read_is_refused_when_its_route_is_added() -> None:
    def get_version(number: int) -> Version:
        return Version(version=str(number))

    with pytest.raises(TypeError, match=r"^the type of number does not say how it is read$"):
        Routes().get("/version/<number>")(get_version)


def test_a_function_stays_what_it_is_when_it_becomes_a_route() -> None:
    def get_version() -> Version:
        return Version(version="1")

    added: Any = Routes().get("/version")(get_version)

    assert added is get_version
