"""Serves the phone: the page in `phone/`, where one person writes and taps, adds the account and blocks it."""

import os
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "phone"
ADDRESS = "/phone/"

HEADERS = {
    # Strangers write the messages. So only the files in this folder decide what runs and how the page looks, and no
    # text can become markup. Only what a message links to (pictures, sound, film) may come from elsewhere.
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self' data: blob: https: http:",
            "media-src 'self' blob: https: http:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    # a changed file shows at the next reload; an unchanged one is answered 304
    "cache-control": "no-cache",
}


class PhoneFiles(StaticFiles):
    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(HEADERS)
        return response


def routes() -> list[BaseRoute]:
    return [
        Route("/", _to_the_phone, methods=["GET"]),
        Route(ADDRESS.rstrip("/"), _to_the_phone, methods=["GET"]),
        Mount(ADDRESS, app=PhoneFiles(directory=FOLDER, html=True)),
    ]


async def _to_the_phone(_: Request) -> Response:
    return RedirectResponse(ADDRESS)
