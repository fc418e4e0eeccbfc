"""The routes of the API. Powertools finds the function of a call by them, and `api.openapi` describes them.

A route is one function, in the module of its resource:

    @routes.get("/v1/followers/<user_id>", FOLLOWERS, example_answer={…})
    def get_follower(user_id: FollowerId) -> FollowerAnswer:
        \"""Get a follower

        Includes a person who has left …
        \"""

- The types of its parameters say how to read them (`api.parameters`). They are read in order, before the function.
- Its result is the answer, and an error becomes one (`api.answers`).
- Its name is the operation's id, and its docstring is the summary and the description.

The parameters are inspected once, when the route is added. A parameter without a reader stops the function at its
start. Powertools' `Depends` would inspect them in every call, which costs a push some 70 µs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import cleandoc, get_annotations
from typing import Any, NoReturn, TypeVar, get_args

from aws_lambda_powertools.event_handler.api_gateway import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError

from api.answers import answering, to_json
from api.call import call_of
from api.errors import MethodNotAllowedError, NotFoundError
from api.parameters import ReadBy

RouteFunction = TypeVar("RouteFunction", bound=Callable[..., object])


@dataclass(frozen=True)
class Group:
    """Routes about one thing, as the description shows them.

    - `statuses`: the errors that its routes may answer, besides those of every call
    - `is_open`: its routes need no API key
    - `has_retry_key`: a retry key names each call
    """

    name: str
    description: str
    statuses: Sequence[str] = ()
    is_open: bool = False
    has_retry_key: bool = False


@dataclass(frozen=True)
class Route:
    """`path` has its parameters in angle brackets. The description leaves out a route without a `group`."""

    method: str
    path: str
    function: Callable[..., object]
    group: Group | None = None
    example_body: Any = None
    example_answer: Any = None

    @property
    def operation_id(self) -> str:
        return self.function.__name__

    @property
    def summary(self) -> str:
        return cleandoc(self.function.__doc__ or "").partition("\n")[0]

    @property
    def description(self) -> str:
        return " ".join(cleandoc(self.function.__doc__ or "").partition("\n")[2].split())

    @property
    def parameters(self) -> dict[str, ReadBy]:
        """The reader of each parameter. Raises TypeError for a parameter without one."""
        annotations = get_annotations(self.function)
        return {name: _reader(name, annotation) for name, annotation in annotations.items() if name != "return"}

    def is_at(self, path: str) -> bool:
        steps, values = self.path.split("/"), path.rstrip("/").split("/")
        return len(steps) == len(values) and all(
            step == value or (step.startswith("<") and value != "") for step, value in zip(steps, values, strict=True)
        )


def _reader(name: str, annotation: Any) -> ReadBy:
    readers = [mark for mark in get_args(annotation) if isinstance(mark, ReadBy)]
    if not readers:
        raise TypeError(f"the type of {name} does not say how it is read")
    return readers[0]


class Routes:
    """Adds functions as routes of its resolver. `all` has them in the order in which they were added."""

    def __init__(self) -> None:
        self.all: list[Route] = []
        self.resolver = APIGatewayRestResolver(serializer=to_json)
        self.resolver.use([answering])
        self.resolver.not_found(self._refuse)

    def get(
        self, path: str, group: Group | None = None, *, example_answer: Any = None
    ) -> Callable[[RouteFunction], RouteFunction]:
        return self._adding("GET", path, group, None, example_answer)

    def post(
        self, path: str, group: Group | None = None, *, example_body: Any = None, example_answer: Any = None
    ) -> Callable[[RouteFunction], RouteFunction]:
        return self._adding("POST", path, group, example_body, example_answer)

    def _adding(
        self, method: str, path: str, group: Group | None, example_body: Any, example_answer: Any
    ) -> Callable[[RouteFunction], RouteFunction]:
        def add(function: RouteFunction) -> RouteFunction:
            route = Route(method, path, function, group, example_body, example_answer)
            self.resolver.route(path, method)(self._endpoint(route))
            self.all.append(route)
            return function

        return add

    def _endpoint(self, route: Route) -> Callable[..., object]:
        """The function that Powertools calls with the values of the path."""
        function, readers = route.function, route.parameters

        def endpoint(**path_values: str) -> object:
            call = call_of(self.resolver.context)
            call.path_values = path_values
            return function(**{name: reader.read(call) for name, reader in readers.items()})

        return endpoint

    def _refuse(self, _: NoRouteError) -> NoReturn:
        call = call_of(self.resolver.context)
        allowed = sorted({route.method for route in self.all if route.is_at(call.path)})
        if allowed and call.method not in allowed:  # otherwise Powertools refused a character in the path
            raise MethodNotAllowedError(call.method, allowed)
        raise NotFoundError("There is no such route: /openapi.json lists them all")
