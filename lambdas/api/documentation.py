"""The description of the API: `/openapi.json`, and `/docs` and `/redoc`, which show it in a browser.

Addresses are relative, so that the pages work behind the stage's path and any domain. The pages load nothing from
elsewhere: Swagger UI comes with Powertools, and bundling the function copies ReDoc from npm into `pages/`.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import ClassVar

from api.routes import Route

PAGES = Path(__file__).parent / "pages"
LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
"""ReDoc shows this image beside its name. Our page leaves it out."""


class Documentation:
    """Reads the pages from the folder `pages`. Each page and the OpenAPI document are made once."""

    HEADERS: ClassVar = {
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'; font-src data:; img-src 'self' data:; "
        "script-src 'unsafe-inline'; style-src 'unsafe-inline'; worker-src blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    """People type a key here, so the page loads nothing from elsewhere, and no other page may frame it."""
    CACHED: ClassVar = {"Cache-Control": "public, max-age=3600"}
    """A browser, or a cache before the API, asks once an hour: the owner pays for each transfer."""

    def __init__(self, pages: Path = PAGES) -> None:
        self._pages = pages
        self._openapi_json: str | None = None

    def openapi_json(self, routes: Iterable[Route]) -> str:
        if self._openapi_json is None:
            from api.openapi import document  # loaded here, because it would slow down every cold start

            self._openapi_json = json.dumps(document(routes), ensure_ascii=False)
        return self._openapi_json

    def swagger_ui(self) -> str:
        folder = _powertools() / "swagger_ui"
        return _page(
            self._pages / "docs.html",
            style=folder / "swagger-ui.min.css",
            script=folder / "swagger-ui-bundle.min.js",
        )

    def redoc(self) -> str:
        page = _page(self._pages / "redoc.html", script=self._pages / "redoc.standalone.js")
        return page.replace(LOGO, "data:,")


def _powertools() -> Path:
    from aws_lambda_powertools.event_handler import openapi

    return Path(openapi.__path__[0])


@cache
def _page(template: Path, **files: Path) -> str:
    """The template with the text of `files` for `{{style}}` and `{{script}}`."""
    page = template.read_text(encoding="utf-8")
    for name, path in files.items():
        page = page.replace(f"{{{{{name}}}}}", path.read_text(encoding="utf-8").replace("</script", r"<\/script"))
    return page
