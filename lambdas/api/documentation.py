"""What describes the API: `/openapi.json`, and `/docs` and `/redoc`, which show it in a browser.

Addresses are relative, so that the pages work behind the stage's path and any domain. The pages bring all they need with them:
Swagger UI comes with Powertools, ReDoc from npm into `pages/` when the function is bundled.
"""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.api_gateway import APIGatewayRestResolver

PAGES = Path(__file__).parent / "pages"
API_KEY = "ApiKey"
LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
"""ReDoc shows it beside its name, and does well without."""


class Documentation:
    """`pages` is where the pages are; what is read or made is kept."""

    HEADERS: ClassVar = {
        "Content-Security-Policy": "default-src 'none'; connect-src 'self'; font-src data:; img-src 'self' data:; "
        "script-src 'unsafe-inline'; style-src 'unsafe-inline'; worker-src blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    """Nothing from elsewhere, and no page of others around it: somebody types a key here."""

    def __init__(self, pages: Path = PAGES) -> None:
        self._pages = pages
        self._openapi_json: str | None = None

    def openapi_json(self, resolver: "APIGatewayRestResolver") -> str:
        if self._openapi_json is None:
            from api.openapi import document

            self._openapi_json = json.dumps(document(resolver), ensure_ascii=False)
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
    """The page with its files in place of `{{style}}` and `{{script}}`."""
    page = template.read_text(encoding="utf-8")
    for name, path in files.items():
        page = page.replace(f"{{{{{name}}}}}", path.read_text(encoding="utf-8").replace("</script", r"<\/script"))
    return page
