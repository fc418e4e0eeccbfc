"""The description of the API, and the pages that show it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from api import openapi
from api.answers import STATUS
from api.documentation import PAGES
from api.models import read
from api.routes import PUSH_ROUTES
from tests.unit.api.service import Service

ROOT = Path(__file__).parents[3]
WRITTEN = ROOT / "docs" / "openapi.json"


def described(service: Service) -> Any:
    return service.ask("GET", "/openapi.json").json


def test_the_written_document_is_that_of_the_routes(tmp_path: Path) -> None:
    openapi.main(str(tmp_path / "openapi.json"))

    assert WRITTEN.read_text(encoding="utf-8") == (tmp_path / "openapi.json").read_text(encoding="utf-8"), (
        "docs/openapi.json is stale: run `make openapi`"
    )


def test_the_deployed_document_is_the_written_one(service: Service) -> None:
    assert described(service) == json.loads(WRITTEN.read_text(encoding="utf-8"))


def test_every_route_is_described_and_nothing_else(service: Service) -> None:
    routes = {f"post /v1/push_message/{{user_id}}/{route.name}" for route in PUSH_ROUTES} | {
        "post /v1/media/{bucket}",
        "get /v1/followers/{user_id}",
        "get /health",
        "get /version",
    }

    found = {f"{method} {path}" for path, item in described(service)["paths"].items() for method in item}

    assert found == routes


def test_every_route_below_v1_asks_for_the_key_and_no_other(service: Service) -> None:
    for path, item in described(service)["paths"].items():
        for operation in item.values():
            assert operation.get("security") == ([{"ApiKey": []}] if path.startswith("/v1/") else None)
    assert described(service)["components"]["securitySchemes"] == {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}
    }


def test_every_status_of_an_error_is_described_with_its_shape(service: Service) -> None:
    document = described(service)

    push = document["paths"]["/v1/push_message/{user_id}/text"]["post"]["responses"]

    assert {str(status) for status in STATUS.values()} | {"403", "404", "413", "500", "4XX", "200"} == set(push)
    for answer in document["components"]["responses"].values():
        assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_operation_has_words_a_tag_and_an_example(service: Service) -> None:
    document = described(service)
    tags = {tag["name"] for tag in document["tags"]}

    for item in document["paths"].values():
        for operation in item.values():
            assert set(operation["tags"]) <= tags
            assert " /" not in operation["summary"]
            assert "example" in operation["responses"]["200"]["content"]["application/json"]


@pytest.mark.parametrize("route", PUSH_ROUTES, ids=lambda route: route.name)
def test_an_example_is_a_body_that_is_taken(route: Any) -> None:
    body, answer = openapi.EXAMPLES[f"push_{route.name}"]

    assert read(route.body, body)
    assert route.answer.model_validate(answer)


def test_a_file_may_come_as_a_form(service: Service) -> None:
    for name in ("image", "audio"):
        operation = described(service)["paths"][f"/v1/push_message/{{user_id}}/{name}"]["post"]
        form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert form["required"] == [name]
        assert set(form["properties"]) == {name, "text"}


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {value["$ref"]} if "$ref" in value else set().union(*map(references, value.values()), set())
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_everything_that_is_referred_to_is_there_and_nothing_is_left_over(service: Service) -> None:
    document = described(service)
    components = {
        f"#/components/{kind}/{name}"
        for kind, named in document["components"].items()
        if kind != "securitySchemes"
        for name in named
    }

    assert references(document) == components


def test_addresses_are_relative_so_that_they_hold_behind_any_stage(service: Service) -> None:
    assert described(service)["servers"] == [{"url": "."}]


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_a_page_brings_everything_with_it(path: str, tmp_path: Path) -> None:
    for page in ("docs.html", "redoc.html"):
        shutil.copy(PAGES / page, tmp_path)
    (tmp_path / "redoc.standalone.js").write_text('const end = "</script>";', encoding="utf-8")
    service = Service(pages=tmp_path)

    answer = service.ask("GET", path)

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert '"openapi.json"' in answer.body
    assert "{{" not in re.sub(r"<script>.*?</script>|<style>.*?</style>", "", answer.body, flags=re.DOTALL)
    assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:)', answer.body[:2000]) == []
    assert answer.body.count("</script>") == 2, "a script ends where its own text says so"
    assert len(answer.body.encode()) < 5_500_000, "Lambda answers at most 6 MB"
