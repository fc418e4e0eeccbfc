"""The description of the API, and the pages that show it."""

import json
import re
import shutil
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from api.answers import STATUS, to_json
from api.documentation import PAGES
from api.models import read
from api.openapi.__main__ import main
from api.parameters import Body
from api.routes import Route
from tests.rigs.push_service import PushServiceRig

ROOT = Path(__file__).parents[3]
WRITTEN = ROOT / "docs" / "openapi.json"


def described(service: PushServiceRig) -> Any:
    return service.ask("GET", "/openapi.json").json


def described_routes() -> list[Route]:
    return [route for route in PushServiceRig().api.routes.all if route.group is not None]


def test_the_written_document_is_that_of_the_routes(tmp_path: Path) -> None:
    main(str(tmp_path / "openapi.json"))

    assert WRITTEN.read_text(encoding="utf-8") == (tmp_path / "openapi.json").read_text(encoding="utf-8"), (
        "docs/openapi.json is stale: run `make openapi`"
    )


def test_the_deployed_document_is_the_written_one(service: PushServiceRig) -> None:
    assert described(service) == json.loads(WRITTEN.read_text(encoding="utf-8"))


def test_every_route_is_described_by_its_name_and_nothing_else(service: PushServiceRig) -> None:
    operations = {
        f"{method} {path}": operation["operationId"]
        for path, item in described(service)["paths"].items()
        for method, operation in item.items()
    }

    assert operations == {
        "post /v1/push_message/{user_id}/text": "push_text",
        "post /v1/push_message/{user_id}/tts": "push_speech",
        "post /v1/push_message/{user_id}/image": "push_image",
        "post /v1/push_message/{user_id}/audio": "push_audio",
        "post /v1/push_message/{user_id}/video": "push_video",
        "post /v1/push_message/{user_id}/messages": "push_messages",
        "post /v1/media/{bucket}": "create_upload",
        "get /v1/followers/{user_id}": "get_follower",
        "get /health": "get_health",
        "get /version": "get_version",
    }


def test_every_route_below_v1_asks_for_the_key_and_no_other(service: PushServiceRig) -> None:
    for path, item in described(service)["paths"].items():
        for operation in item.values():
            assert operation.get("security") == ([{"ApiKey": []}] if path.startswith("/v1/") else None)
    assert described(service)["components"]["securitySchemes"] == {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}
    }


def test_every_parameter_of_a_path_is_described(service: PushServiceRig) -> None:
    for path, item in described(service)["paths"].items():
        for operation in item.values():
            in_path = [each["name"] for each in operation.get("parameters", ()) if each.get("in") == "path"]
            assert in_path == re.findall(r"\{(\w+)\}", path)


def test_every_status_of_an_error_is_described_with_its_shape(service: PushServiceRig) -> None:
    document = described(service)

    push = document["paths"]["/v1/push_message/{user_id}/text"]["post"]["responses"]

    assert {str(status) for status in STATUS.values()} | {"403", "404", "413", "500", "4XX", "200"} == set(push)
    for answer in document["components"]["responses"].values():
        assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_operation_has_words_a_tag_and_an_example(service: PushServiceRig) -> None:
    document = described(service)
    tags = {tag["name"] for tag in document["tags"]}

    for item in document["paths"].values():
        for operation in item.values():
            assert set(operation["tags"]) <= tags
            assert " /" not in operation["summary"]
            assert "example" in operation["responses"]["200"]["content"]["application/json"]


@pytest.mark.parametrize("route", described_routes(), ids=lambda route: route.operation_id)
def test_an_example_is_a_body_that_is_taken_and_an_answer_that_comes(route: Route) -> None:
    bodies = [
        read(reader.model, route.example_body) for reader in route.parameters.values() if isinstance(reader, Body)
    ]
    answer = get_type_hints(route.function)["return"].model_validate(route.example_answer)

    assert [body.model_dump(exclude_unset=True) for body in bodies] == [route.example_body][: len(bodies)]
    assert (route.example_body is not None) == bool(bodies)
    assert json.loads(to_json(answer)) == route.example_answer


def test_a_file_may_come_as_a_form(service: PushServiceRig) -> None:
    for name, fields in {"image": {"text"}, "audio": {"text", "duration_ms"}}.items():
        operation = described(service)["paths"][f"/v1/push_message/{{user_id}}/{name}"]["post"]
        form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert form["required"] == [name]
        assert set(form["properties"]) == {name, *fields}


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {value["$ref"]} if "$ref" in value else set().union(*map(references, value.values()), set())
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_everything_that_is_referred_to_is_there_and_nothing_is_left_over(service: PushServiceRig) -> None:
    document = described(service)
    components = {
        f"#/components/{kind}/{name}"
        for kind, named in document["components"].items()
        if kind != "securitySchemes"
        for name in named
    }

    assert references(document) == components


def test_addresses_are_relative_so_that_they_hold_behind_any_stage(service: PushServiceRig) -> None:
    assert described(service)["servers"] == [{"url": "."}]


def bundled(folder: Path) -> Path:
    """The folder `pages/` as a bundle has it, with a small script in ReDoc's place."""
    for page in ("docs.html", "redoc.html"):
        shutil.copy(PAGES / page, folder)
    (folder / "redoc.standalone.js").write_text('const end = "</script>";', encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_a_page_is_asked_for_once_an_hour(path: str, tmp_path: Path) -> None:
    answer = PushServiceRig(pages=bundled(tmp_path)).ask("GET", path)

    assert answer.headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_a_page_brings_everything_with_it(path: str, tmp_path: Path) -> None:
    service = PushServiceRig(pages=bundled(tmp_path))

    answer = service.ask("GET", path)

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert '"openapi.json"' in answer.body
    assert "{{" not in re.sub(r"<script>.*?</script>|<style>.*?</style>", "", answer.body, flags=re.DOTALL)
    assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:)', answer.body[:2000]) == []
    assert answer.body.count("</script>") == 2, "a script ends where its own text says so"
    assert len(answer.body.encode()) < 5_500_000, "Lambda answers at most 6 MB"
