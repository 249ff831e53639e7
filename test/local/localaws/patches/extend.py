"""How the patches change moto's classes."""

from collections.abc import Callable
from functools import wraps
from typing import Any


def extend(cls: type, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Replaces a method with one that gets the original as its first argument."""
    original = getattr(cls, name)  # AttributeError at start: moto has changed, look at the patch

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return function(original, self, *args, **kwargs)

        setattr(cls, name, method)
        return function

    return decorate


def add(cls: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds an operation that moto does not have."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if hasattr(cls, function.__name__):
            raise AttributeError(f"moto has {cls.__name__}.{function.__name__} of its own now: compare and drop ours")
        setattr(cls, function.__name__, function)
        return function

    return decorate
