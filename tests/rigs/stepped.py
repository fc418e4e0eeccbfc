"""A port whose calls a test can stop, before they reach what is behind it and after they did."""

from typing import Any

from tests.fakes.steps import Stage


class Stepped:
    """Stands before `inner`: each call of one of the `methods` is a step before and a step after."""

    def __init__(self, inner: Any, stage: Stage, *methods: str) -> None:
        self._inner = inner
        self._stage = stage
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._inner, name)
        if name not in self._methods:
            return attribute

        def call(*arguments: Any, **options: Any) -> Any:
            self._stage.step()
            answer = attribute(*arguments, **options)
            self._stage.step()
            return answer

        return call
