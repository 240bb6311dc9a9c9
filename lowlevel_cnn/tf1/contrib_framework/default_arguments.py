"""`arg_scope`: default arguments that functions have within a scope."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

__all__ = ["add_arg_scope", "arg_scope", "arg_scoped_arguments", "current_arg_scope", "has_arg_scope"]

# The default arguments of each function.
Scope = dict[Callable[..., Any], dict[str, Any]]
Function = TypeVar("Function", bound=Callable[..., Any])

_names_of: dict[Callable[..., Any], tuple[str, ...]] = {}  # of the arguments that have a default, by function
_scopes: list[Scope] = [{}]


def add_arg_scope(function: Function) -> Function:
    """Let a function take default arguments from `arg_scope`."""

    @functools.wraps(function)
    def scoped(*arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **{**_scopes[-1].get(scoped, {}), **keywords})

    parameters = inspect.signature(function).parameters.values()
    _names_of[scoped] = tuple(each.name for each in parameters if each.default is not each.empty)
    return scoped  # type: ignore[return-value]


@contextmanager
def arg_scope(list_ops_or_scope: Sequence[Callable[..., Any]] | Scope, **kwargs: Any) -> Iterator[Scope]:
    """Within it, functions that `add_arg_scope` knows have these default arguments, on top of those of outer scopes.

    A scope that was kept (`with arg_scope(...) as scope`) is entered again as it was, in place of the outer ones.

    Raises:
        TypeError: neither a list of functions nor a scope.
        ValueError: a function that `add_arg_scope` does not know, or arguments beside a scope.
    """
    if isinstance(list_ops_or_scope, dict):
        if kwargs:
            raise ValueError("When a scope is entered again, no arguments can be given beside it.")
        scope = list_ops_or_scope.copy()
    elif isinstance(list_ops_or_scope, list | tuple):
        scope = _scopes[-1].copy()
        for function in list_ops_or_scope:
            if not has_arg_scope(function):
                raise ValueError(f"{getattr(function, '__name__', function)} is not decorated with @add_arg_scope")
            scope[function] = {**scope.get(function, {}), **kwargs}
    else:
        raise TypeError("arg_scope takes a list of functions, or a scope that was entered before.")
    _scopes.append(scope)
    try:
        yield scope
    finally:
        _scopes.pop()


def current_arg_scope() -> Scope:
    """The default arguments of each function that holds here."""
    return _scopes[-1]


def has_arg_scope(function: Any) -> bool:
    """Whether `arg_scope` can give a function default arguments."""
    return inspect.isroutine(function) and function in _names_of


def arg_scoped_arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's arguments that `arg_scope` can give."""
    return _names_of[function]
