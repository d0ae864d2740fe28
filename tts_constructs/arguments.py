"""Checks the arguments of a construct, a method, or a value class by type, before anything uses them.

What an argument takes is its annotation, so that a new argument can't be forgotten. The faults of all
arguments are told at once, each with what to write instead:

    @checked(tokens=("domain_name",), values=True)
    def __init__(self, scope: Construct, id: str, *, port: int, domain_name: str) -> None:
        refuse(f'Service "{id}"', faults_of_values(port, domain_name))
        super().__init__(scope, id)

This module loads no part of the CDK: it knows the CDK's types by what jsii writes into them.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from types import NoneType
from typing import Any, TypeVar, get_type_hints, overload

from tts_constructs.argument_types import (
    accepts,
    choices,
    element_of,
    in_sequence,
    instead,
    is_token,
    shown,
    stand_in,
    whole_of,
)
from tts_constructs.errors import InvalidArgumentError

_Callable = TypeVar("_Callable", bound=Callable[..., Any])

_TYPES_ARE_WRONG: ContextVar[bool] = ContextVar("types_are_wrong", default=False)
"""True while a function runs only to tell faults of values, as some of its arguments are of a wrong type."""


@overload
def checked(of: _Callable) -> _Callable: ...


@overload
def checked(*, tokens: Sequence[str] = (), values: bool = False) -> Callable[[_Callable], _Callable]: ...


def checked(of: Any = None, *, tokens: Sequence[str] = (), values: bool = False) -> Any:
    """Makes a function, or the `__init__` of a class, refuse arguments whose type isn't the annotated one.

    The function gets a list where a tuple is given for a `Sequence`, because jsii takes no tuple; and a tuple
    where the annotation is one.

    Args:
        of: The function or class.
        tokens: Arguments that may be tokens, as only CloudFormation reads them. All others must be concrete.
        values: True if the function checks the values too, and then calls `refuse` before it makes anything.
            Faults of types and of values are then told together.
    """
    if of is None:
        return functools.partial(checked, tokens=tokens, values=values)
    if isinstance(of, type):
        made_by: Any = vars(of)["__init__"]
        setattr(of, "__init__", checked(tokens=tokens, values=values)(made_by))  # noqa: B010 - mypy's rule
        return of
    signature = _Signature(of, tokens)

    @functools.wraps(of)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            given = signature.bind(args, kwargs)
        except TypeError:  # an argument is missing or unknown, which Python's own message names
            return of(*args, **kwargs)
        wrong = signature.check(given)
        if wrong:
            of_values = signature.faults_of_values(of, given, wrong) if values else []
            told = [fault for faults in wrong.values() for fault in faults]
            raise InvalidArgumentError(signature.subject(given), [*told, *of_values])
        if not values:
            return of(*given.args, **given.kwargs)
        with_right_types = _TYPES_ARE_WRONG.set(False)
        try:
            return of(*given.args, **given.kwargs)
        finally:
            _TYPES_ARE_WRONG.reset(with_right_types)

    return wrapper


def refuse(subject: str, faults: Iterable[str]) -> None:
    """Raises if there are faults of values, or if some argument is of a wrong type.

    Args:
        subject: What the faults are about, such as `TtsSystem "System"`.
        faults: One sentence for each fault of a value. A sentence calls an argument by its name.

    Raises:
        InvalidArgumentError: There are faults. The decorator adds those of types.
    """
    of_values = list(faults)
    if of_values or _TYPES_ARE_WRONG.get():
        raise InvalidArgumentError(subject, of_values)


class _Signature:
    """The parameters of a function, and what each of them takes.

    Args:
        of: The function.
        tokens: Names of parameters that may be tokens.
    """

    def __init__(self, of: Callable[..., Any], tokens: Sequence[str]) -> None:
        self._of = of
        self._tokens = frozenset(tokens)
        self._signature = inspect.signature(of)
        self._subject = of.__qualname__.removesuffix(".__init__")
        if unknown := self._tokens - self._signature.parameters.keys():
            message = f"{of.__qualname__} has no parameter {', '.join(sorted(unknown))}"
            raise TypeError(message)

    @functools.cached_property
    def _hints(self) -> dict[str, Any]:
        # Not before the first call, when all names that annotations use are there.
        hints = get_type_hints(self._of)
        return {name: hints[name] for name in self._signature.parameters if name in hints}

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> inspect.BoundArguments:
        return self._signature.bind(*args, **kwargs)

    def check(self, given: inspect.BoundArguments) -> dict[str, list[str]]:
        """Returns the faults of each argument of a wrong type, and makes lists of tuples in the others."""
        wrong = {}
        for name, value in given.arguments.items():
            if name not in self._hints:  # self or cls
                continue
            parameter = self._signature.parameters[name]
            if value is parameter.default:
                continue
            several = parameter.kind is inspect.Parameter.VAR_POSITIONAL
            kind: Any = self._hints[name]
            if several:
                kind = tuple[kind, ...]
            given.arguments[name] = in_sequence(value, kind)
            if faults := list(_faults(name, given.arguments[name], kind, token=name in self._tokens)):
                wrong[name] = faults
        return wrong

    def faults_of_values(
        self, of: Callable[..., Any], given: inspect.BoundArguments, wrong: Mapping[str, list[str]]
    ) -> list[str]:
        """Returns what is wrong with the values of the other arguments.

        An argument of a wrong type has its default meanwhile, or another value of its type. A fault that
        names it may only follow from that, and is left out.
        """
        if {"scope", "id"} & wrong.keys():
            return []
        told: Sequence[str] = ()
        arguments = dict(given.arguments)
        for name in wrong:
            default = self._signature.parameters[name].default
            needed = default is inspect.Parameter.empty
            arguments[name] = stand_in(self._hints[name]) if needed else default
        others = inspect.BoundArguments(self._signature, arguments)
        only_checking = _TYPES_ARE_WRONG.set(True)
        try:
            of(*others.args, **others.kwargs)
        except InvalidArgumentError as error:
            told = error.faults
        except Exception:  # noqa: S110 - a check met the wrong type, which is told already
            pass
        finally:
            _TYPES_ARE_WRONG.reset(only_checking)
        names = re.compile(rf"\b({'|'.join(wrong)})\b")
        return [fault for fault in told if not names.search(fault)]

    def subject(self, given: inspect.BoundArguments) -> str:
        """Returns what the faults are about: the class with the id of the construct, or the method."""
        id_ = given.arguments.get("id")
        is_new = self._of.__name__ == "__init__"
        return f'{self._subject} "{id_}"' if is_new and isinstance(id_, str) else self._subject


def _faults(name: str, value: object, kind: Any, *, token: bool) -> Iterator[str]:
    """Yields a sentence if a value isn't of a kind, or one for each such element of a list.

    Args:
        name: The argument, or the argument and the position in it.
        value: What was given.
        kind: What the annotation says.
        token: True if a token will do.
    """
    possible = choices(kind)
    if is_token(value) and (whole := whole_of(possible)):
        if not (token and any(accepts(value, choice) for choice in possible)):
            yield f"{name}= is a token, whose value is known only at deployment; write {whole}"
    elif isinstance(value, list | tuple) and (elements := element_of(possible)):
        for position, element in enumerate(value):
            yield from _faults(f"{name}[{position}]", element, elements, token=token)
    elif not any(accepts(value, choice) for choice in possible):
        written = " or ".join(instead(value, choice) for choice in possible if choice is not NoneType)
        yield f"{name}{shown(value)}; write {written}"
