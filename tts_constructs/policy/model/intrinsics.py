"""CloudFormation's intrinsic functions, evaluated where literals allow it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tts_constructs import standards
from tts_constructs.policy.model.conditions import REGION, takes_empty
from tts_constructs.policy.model.values import (
    ABSENT,
    Dynamic,
    Imported,
    Parameter,
    Pseudo,
    Reference,
    SsmParameter,
    Text,
    Unknown,
    Value,
    Zones,
    concatenate,
    literal_text,
    may_be,
    show,
    split,
)

if TYPE_CHECKING:
    from tts_constructs.policy.model.assembly import Assembly
    from tts_constructs.policy.model.branches import Facts
    from tts_constructs.policy.model.stack import Stack

Folded = tuple[Value, "Stack"]

_MAX_HOPS = 64
"""The most steps through templates (parameters, outputs, exports); more steps mean a cycle."""

_SUB_VARIABLE = re.compile(r"\$\{(!?)([^${}]*)\}")
_ZONE_TYPES = frozenset({"AWS::EC2::AvailabilityZone::Name", "List<AWS::EC2::AvailabilityZone::Name>"})
_OF_SSM = "AWS::SSM::Parameter::Value"
_DYNAMIC = re.compile(r"\{\{resolve:([a-z-]+):([^{}]*)\}\}")
_URL_SUFFIXES: dict[str | None, str] = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com"}


def is_call(raw: Any) -> bool:
    """Return whether a raw piece of a template is a call of an intrinsic function."""
    return type(raw) is dict and len(raw) == 1 and all(key == "Ref" or key.startswith("Fn::") for key in raw)


def names_resource(call: dict[str, Any], stack: Stack) -> bool:
    """Return True if a call is a plain reference to a resource of its stack, so that it folds to no text."""
    name = call.get("Ref")
    if name is None:
        argument = call.get("Fn::GetAtt")
        if not (type(argument) is list and len(argument) == 2 and type(argument[1]) is str):
            return False
        name = argument[0]
        if "{{" in argument[1] or name in stack.nested:
            return False
    return type(name) is str and name in stack.resources


def fold(raw: Any, stack: Stack, hops: int = 0) -> Folded:
    """Return the value of a raw piece of a template, and the stack whose template holds it.

    Maps and lists are returned unchanged; their content is folded when it is read. A value that another
    template passes belongs to that template's stack.
    """
    if type(raw) is dict:
        if len(raw) == 1:
            (name,) = raw
            if name == "Ref" or (type(name) is str and name.startswith("Fn::")):
                if hops > 1 and (hops > _MAX_HOPS or not stack.assembly.explorer.within_budget()):
                    return Unknown("itself, by way of another template"), stack
                function = _FUNCTIONS.get(name)
                if function is None:
                    return Unknown(_UNKNOWABLE.get(name, f"the function {name}")), stack
                return function(raw[name], stack, hops)
        return raw, stack
    if type(raw) is str and "{{resolve:" in raw:
        return _dynamic(raw), stack
    return raw, stack


def _malformed(name: str, form: str, stack: Stack) -> Folded:
    return Unknown(f"a {name} that CloudFormation would refuse", f"Write {name} as {form}."), stack


def _dynamic(text: str) -> Value:
    parts: list[Value] = []
    end = 0
    for match in _DYNAMIC.finditer(text):
        service, key = match.groups()
        parts.append(text[end : match.start()])
        parts.append(Dynamic(f"the dynamic reference to {service}", service=service, key=key))
        end = match.end()
    parts.append(text[end:])
    return concatenate(parts)


# Ref and Fn::GetAtt


def _ref(argument: Any, stack: Stack, hops: int) -> Folded:
    if not isinstance(argument, str):
        return _malformed("Ref", "the name of a parameter or resource", stack)
    if argument.startswith("AWS::"):
        return _pseudo(argument, stack), stack
    if argument in stack.resources:
        return Reference(stack.resources[argument]), stack
    parameters = stack.body.get("Parameters")
    parameter = parameters.get(argument) if isinstance(parameters, dict) else None
    if isinstance(parameter, dict):
        return _parameter(argument, parameter, stack, hops)
    remedy = "Name one that the template has."
    return Unknown(f"{argument}, which is neither a parameter nor a resource of the template", remedy), stack


_OF_EACH_STACK = frozenset({"AWS::StackName", "AWS::StackId"})
_OF_THE_PLACE = frozenset({"AWS::Region", "AWS::Partition", "AWS::URLSuffix", "AWS::AccountId"})


def _pseudo(name: str, stack: Stack) -> Value:
    known = {
        "AWS::NoValue": ABSENT,
        "AWS::Region": stack.region,
        "AWS::AccountId": stack.account,
        "AWS::Partition": stack.partition,
        "AWS::URLSuffix": _URL_SUFFIXES.get(stack.partition),
        "AWS::StackName": stack.stack_name,
    }
    value = known.get(name)
    if value is None:
        remedy = "Give the stack a concrete account and region."
        of = stack.name if name in _OF_EACH_STACK else ""
        return Pseudo(f"{name}, which is not known here", remedy, name=name, stack=of)
    return value


def _parameter(name: str, parameter: dict[str, Any], stack: Stack, hops: int) -> Folded:
    kind = str(parameter.get("Type"))
    if name in stack.given:
        raw, giver = stack.given[name]
        value, owner = fold(raw, giver, hops + 1) if giver else (raw, stack)
        if isinstance(value, Parameter) and not is_hidden(parameter):  # hidden above, and shown here
            value = replace(value, name=name, hidden=False)
        if isinstance(value, Parameter) and kind in _ZONE_TYPES:
            value = replace(value, is_zone=True)
    else:
        value, owner = ABSENT, stack
    if value is ABSENT:  # not given, or AWS::NoValue
        every = stack.assembly.cached(_Options)[stack, name]
        is_compared = stack.conditions.mention(name)
        facts = stack.assembly.explorer.facts(stack, may_differ=is_compared)
        options, marks = _possible(name, every, stack, facts) if is_compared else (every, ())
        if not options:
            if every:
                reason, remedy = f"the parameter {name}, where it has another value", "allowed values"
            else:
                reason, remedy = f"the parameter {name}, which has no default", "a default or allowed values"
            remedy = f"Give {name} {remedy}, or write the value itself."
            filled = not takes_empty(parameter) or not stack.conditions.can_be(name, "", facts)
            is_zone = kind in _ZONE_TYPES
            hidden = is_hidden(parameter)
            return Parameter(reason, remedy, name=name, hidden=hidden, filled=filled, is_zone=is_zone), stack
        key = (stack, "parameter", name, *marks)
        choice = stack.assembly.explorer.choose(key, len(options)) if options[1:] else 0
        if is_compared and "AllowedValues" in parameter:  # without them, the default is one of any values
            facts.values[name] = str(literal_text(options[choice]))
        value, owner = fold(options[choice], stack, hops + 1)
    if kind.startswith(_OF_SSM):
        text = value if isinstance(value, str) else ""
        return SsmParameter(f"the SSM parameter behind {name}", name=text), stack
    if isinstance(value, str | Text) and (kind == "CommaDelimitedList" or kind.startswith("List<")):
        return _items(value), owner
    return value, owner


_Possible = tuple[list[Any], tuple[str, ...]]
"""Values that a parameter can have, and what tells them from all of its values; empty: they are all."""


def _possible(name: str, every: list[Any], stack: Stack, facts: Facts) -> _Possible:
    """Return which of a parameter's values are left where some conditions hold and others fail."""
    known = stack.assembly.cached(_left)
    key = (stack, name, frozenset(facts.conditions.items()), frozenset(facts.values.items()))
    if key not in known:
        can_be = stack.conditions.can_be
        left = [option for option in every if can_be(name, str(literal_text(option)), facts)]
        if not left and (only := stack.conditions.only_value(name, facts)) is not None:
            left = [only]
        known[key] = left, (() if left == every else tuple(map(repr, left)))
    return known[key]


def _left(_: Assembly) -> dict[Any, _Possible]:
    return {}


class _Options(dict[tuple["Stack", str], list[Any]]):
    """The default and allowed values of each parameter; every run of a check reads them again."""

    def __init__(self, _: Assembly) -> None:
        super().__init__()

    def __missing__(self, key: tuple[Stack, str]) -> list[Any]:
        stack, name = key
        self[key] = _options(stack.body["Parameters"][name])
        return self[key]


def _items(value: str | Text) -> list[Value] | Unknown:
    pieces = split(value, ",")
    if isinstance(pieces, Unknown):
        return pieces
    if pieces == [""]:
        return []
    return [piece.strip() if isinstance(piece, str) else piece for piece in pieces]


def is_hidden(parameter: dict[str, Any]) -> bool:
    """Return whether a parameter of a template is `NoEcho`."""
    return str(parameter.get("NoEcho")).strip().lower() == "true"


def _options(parameter: dict[str, Any]) -> list[Any]:
    allowed = parameter.get("AllowedValues")
    options = [parameter["Default"]] if "Default" in parameter else []
    options += allowed if isinstance(allowed, list) else []
    if "" in options and not takes_empty(parameter):
        options = [option for option in options if option != ""]
    return list({repr(option): option for option in options}.values())


def _get_att(argument: Any, stack: Stack, hops: int) -> Folded:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if not (isinstance(argument, list) and len(argument) >= 2 and isinstance(argument[0], str)):
        return _malformed("Fn::GetAtt", "a resource and one of its attributes", stack)
    attribute = argument[1]
    if len(argument) > 2 or type(attribute) is not str or "{{" in attribute:
        attribute = concatenate([fold(part, stack, hops)[0] for part in _joined(argument[1:], ".")])
    resource = stack.resources.get(argument[0])
    if resource is None:
        remedy = "Name a resource that the template has."
        return Unknown(f"{argument[0]}, which isn't a resource of the template", remedy), stack
    if not isinstance(attribute, str):
        return Unknown(f"an attribute of {argument[0]} that is not literal"), stack
    child = stack.nested.get(argument[0])
    if child is not None and attribute.startswith("Outputs."):
        return _output(child, attribute.removeprefix("Outputs."), stack, hops)
    return Reference(resource, attribute), stack


def _joined(parts: list[Any], delimiter: Any) -> list[Any]:
    return [piece for part in parts for piece in (delimiter, part)][1:]


def _output(child: Stack, name: str, stack: Stack, hops: int) -> Folded:
    outputs = child.body.get("Outputs")
    output = outputs.get(name) if isinstance(outputs, dict) else None
    if not isinstance(output, dict) or "Value" not in output:
        return Unknown(f"the output {name}, which {child.name} does not have"), stack
    return fold(output["Value"], child, hops + 1)


def _import_value(argument: Any, stack: Stack, hops: int) -> Folded:
    name, _ = fold(argument, stack, hops)
    if isinstance(name, Unknown | Reference | Text):
        return Imported("an export whose name is not literal", name=name), stack
    if not isinstance(name, str):
        return _malformed("Fn::ImportValue", "the name of an export", stack)
    sources = stack.assembly.exports(stack, name)
    if len(sources) != 1:
        known = "several stacks have" if sources else "no stack of the app has"
        remedy = "Judge the stack that exports it with this one."
        return Imported(f"the export {name}, which {known}", remedy, name=name), stack
    exporter, raw = sources[0]
    return fold(raw, exporter, hops + 1)


def _get_stack_output(argument: Any, stack: Stack, hops: int) -> Folded:
    """Return the value of a "weak" cross-stack reference of the CDK; `RoleArn` means another account."""
    if not isinstance(argument, dict):
        return _malformed("Fn::GetStackOutput", "a map of StackName, OutputName and Region", stack)
    keys = ("StackName", "OutputName", "Region")
    name, output, region = (fold(argument.get(key, ABSENT), stack, hops)[0] for key in keys)
    region = stack.region if region is ABSENT else region
    if not (isinstance(name, str) and isinstance(output, str)) or isinstance(region, Unknown):
        return Unknown("an output of a stack whose name is not literal"), stack
    sources = stack.assembly.stacks_named(stack, name, region, other_account="RoleArn" in argument)
    if len(sources) != 1:
        known = "several stacks have" if sources else "no stack of the app has"
        remedy = "Judge the stack that has it with this one."
        return Unknown(f"an output of the stack {name}, a name that {known}", remedy), stack
    return _output(sources[0], output, stack, hops)


# Choices


def _if(argument: Any, stack: Stack, hops: int) -> Folded:
    if not (isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str)):
        return _malformed("Fn::If", "a condition and two values", stack)
    return fold(argument[1 if holds(argument[0], stack) else 2], stack, hops)


def holds(condition: str, stack: Stack) -> bool:
    """Return whether a condition holds in the current run, which chooses it unless other facts decide it."""
    facts = stack.assembly.explorer.facts(stack)
    if condition not in facts.conditions:
        both = [True, False]
        ways = [way for way in both if stack.conditions.can_hold(condition, way, facts)] or both
        choice = stack.assembly.explorer.choose((stack, "condition", condition), 2) if ways[1:] else 0
        facts.conditions[condition] = ways[choice]
    return facts.conditions[condition]


MOST_DECIDED_ALONE = 6
"""The most optional items of a list whose combinations are all tried."""


def decide_together(names: Iterable[Any], stack: Stack) -> None:
    """Choose how the conditions of a long list of optional items turn out.

    All combinations would be too many. So all hold, or none, or one alone, or all but one; where they exclude
    each other, also one with as many others as it leaves. This finds what a single item, all items together,
    or the absence of one item does.

    Args:
        names: The conditions.
        stack: The stack that has them.
    """
    facts = stack.assembly.explorer.facts(stack)
    distinct = dict.fromkeys(name for name in names if isinstance(name, str))
    opened = [
        name
        for name in distinct
        if name not in facts.conditions
        and all(stack.conditions.can_hold(name, way, facts) for way in (True, False))
    ]
    if len(opened) <= MOST_DECIDED_ALONE:
        return
    ways: list[tuple[str | None, bool, bool]] = [(None, True, True), (None, False, False)]
    ways += [(name, True, False) for name in opened] + [(name, False, True) for name in opened]
    if stack.conditions.are_related(opened):
        ways += [(name, True, True) for name in opened]
    key = (stack, "items", tuple(opened))
    whole = 2
    name, alone, others = ways[stack.assembly.explorer.choose_of_many(key, whole, len(ways) - whole)]
    if name is not None:
        facts.conditions[name] = alone
    for other in opened:
        if other not in facts.conditions:
            can = stack.conditions.can_hold(other, others, facts)
            facts.conditions[other] = others if can else not others


def stated_text(raw: Any, stack: Stack) -> str | None:
    """Return what a side of a comparison in a condition is in any case, or None if it can differ."""
    value = raw
    if is_call(raw):
        ((function, argument),) = raw.items()
        if function == "Fn::FindInMap" and isinstance(argument, list):
            if any(_is_open(part, stack) for part in argument) or _finds_call(argument, stack):
                return None
        elif _is_open(raw, stack):
            return None
        value, is_fixed = stack.assembly.explorer.run_once(lambda: fold(raw, stack)[0])
        if not is_fixed:
            return None
    text = literal_text(value)
    return None if isinstance(text, Unknown) else text


def _finds_call(argument: list[Any], stack: Stack) -> bool:
    """Return whether a mapping holds a function, which CloudFormation refuses, at keys that are known."""
    keys = [fold(part, stack)[0] for part in argument[:3]]
    return any(is_call(raw) for _, raw in _entries(stack.body.get("Mappings"), keys, standards.REGIONS))


def _is_open(raw: Any, stack: Stack) -> bool:
    """Return whether a piece can differ: it isn't a literal, or a parameter that is given one.

    Where the stack's region or account is known, what depends on it does not differ. Its name and ID do: a
    template can be deployed under another name.
    """
    if not is_call(raw):
        return not isinstance(raw, str | int)
    ((function, argument),) = raw.items()
    if function == "Ref" and isinstance(argument, str):
        return _is_open_name(argument, stack)
    if function == "Fn::Sub" and isinstance(argument, str):
        variables = [name.strip() for is_literal, name in _SUB_VARIABLE.findall(argument) if not is_literal]
        return any(_is_open_name(name, stack) for name in variables)
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
        return not isinstance(argument[1], list) or any(_is_open(part, stack) for part in argument[1])
    return True


def _is_open_name(name: str, stack: Stack) -> bool:
    if name in _OF_THE_PLACE:
        return isinstance(_pseudo(name, stack), Unknown)
    given = stack.given.get(name)
    return given is None or isinstance(given[0], dict | list)


def _find_in_map(argument: Any, stack: Stack, hops: int) -> Folded:
    if not (isinstance(argument, list) and len(argument) in {3, 4}):
        return _malformed("Fn::FindInMap", "a mapping and two keys", stack)
    keys = [fold(part, stack, hops)[0] for part in argument[:3]]
    if not all(isinstance(key, str | int | Unknown | Reference | Text) for key in keys):
        return Unknown("a look-up in a mapping by a key that is not literal"), stack
    opened = [key for key in keys if not isinstance(key, str | int)]
    literal = tuple(str(key) if isinstance(key, str | int) else key for key in keys)
    regions = _regions(stack) if any(map(_is_region, opened)) else standards.REGIONS
    found = stack.assembly.cached(_Reached)[stack, literal, regions]
    if (opened or not found.values) and len(argument) == 4 and isinstance(argument[3], dict):
        found = found.otherwise(argument[3].get("DefaultValue", ABSENT))
    if not found.values:
        return Unknown(f"the mapping {show(keys[0])}, which has no such entry"), stack
    if found.is_one:
        return fold(found.values[0], stack, hops)
    # Look-ups by equal keys in mappings with the same names of entries agree.
    choice = stack.assembly.explorer.choose((stack, "mapping", repr(opened), found.names), len(found.values))
    chosen = [name for name, key in zip(found.names[choice], opened, strict=False) if _is_region(key)]
    if chosen and chosen[0] in standards.REGIONS:
        stack.assembly.explorer.facts(stack).values[REGION] = chosen[0]
    return fold(found.values[choice], stack, hops)


def _regions(stack: Stack) -> tuple[str, ...]:
    """Return the regions that conditions leave in the current run for a stack that names none."""
    if not stack.conditions.mention(REGION):
        return standards.REGIONS
    facts = stack.assembly.explorer.facts(stack, may_differ=True)
    return tuple(region for region in standards.REGIONS if stack.conditions.can_be(REGION, region, facts))


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries of a mapping that keys can reach.

    Args:
        values: Their values.
        names: What they are named where a key is not known.
        is_one: Whether all values are equal.
    """

    values: tuple[Any, ...]
    names: tuple[tuple[str, ...], ...]
    is_one: bool

    def otherwise(self, value: Any) -> _Entries:
        """Return the entries with the value that counts where there is no entry; ABSENT: none is stated."""
        if value is ABSENT:
            return self
        is_one = not self.values or (self.is_one and self.values[0] == value)
        return _Entries((*self.values, value), (*self.names, ()), is_one)


class _Reached(dict[tuple["Stack", tuple[Any, ...], tuple[str, ...]], _Entries]):
    """The entries of mappings by the keys that reach them, and by the regions that a region can be.

    Every run of a check looks them up again.
    """

    def __init__(self, _: Assembly) -> None:
        super().__init__()

    def __missing__(self, key: tuple[Stack, tuple[Any, ...], tuple[str, ...]]) -> _Entries:
        stack, keys, regions = key
        found = list(_entries(stack.body.get("Mappings"), list(keys), regions))
        opened = [place for place, one in enumerate(keys) if not isinstance(one, str)]
        self[key] = _Entries(
            values=tuple(value for _, value in found),
            names=tuple(tuple(path[place] for place in opened) for path, _ in found),
            is_one=all(value == found[0][1] for _, value in found),
        )
        return self[key]


def _entries(
    level: Any, keys: list[Value], regions: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the entries of a mapping that keys can reach, each with its path."""
    if not keys:
        yield (), level
    elif isinstance(level, dict):
        key, *others = keys
        for name in reachable(level, key, regions):
            yield from (((name, *path), raw) for path, raw in _entries(level[name], others, regions))


def reachable(level: dict[str, Any], key: Value, regions: tuple[str, ...] = standards.REGIONS) -> list[str]:
    """Return the names in a level of a mapping that a key can be.

    Args:
        level: The level.
        key: The key, folded.
        regions: What a region that is not known can be, where the level has any.
    """
    if isinstance(key, str | int):
        return [str(key)] if str(key) in level else []
    if _is_region(key):
        named = [name for name in level if name in standards.REGIONS]
        return [name for name in named if name in regions] or named or list(level)
    if isinstance(key, Text):
        return [name for name in level if may_be(key, name)]
    return list(level)


def _is_region(key: Value) -> bool:
    return isinstance(key, Pseudo) and key.name == REGION and not key.steps


# Texts and lists


def _elements(raw: Any, stack: Stack, hops: int) -> list[Value] | Unknown:
    value, owner = fold(raw, stack, hops)
    if isinstance(value, list):
        return [item for item in (fold(part, owner, hops)[0] for part in value) if item is not ABSENT]
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Reference | Text):
        return Unknown(f"the list {value}")
    return Unknown("a list that is none")


def _join(argument: Any, stack: Stack, hops: int) -> Folded:
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str)):
        return _malformed("Fn::Join", "a delimiter and a list", stack)
    elements = _elements(argument[1], stack, hops)
    if isinstance(elements, Unknown):
        return elements, stack
    joined = concatenate(_joined(elements, argument[0]))
    return (_dynamic(joined) if isinstance(joined, str) and "{{resolve:" in joined else joined), stack


def _sub(argument: Any, stack: Stack, hops: int) -> Folded:
    template, variables = argument, {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
        template, variables = argument
    if not isinstance(template, str):
        return _malformed("Fn::Sub", "a text, or a text and a map", stack)
    parts: list[Value] = []
    end = 0
    for match in _SUB_VARIABLE.finditer(template):
        parts.append(template[end : match.start()])
        end = match.end()
        literal, name = match.group(1), match.group(2).strip()
        if literal:
            parts.append(f"${{{name}}}")
        elif name in variables:
            parts.append(fold(variables[name], stack, hops)[0])
        elif "." in name:
            parts.append(_get_att(name, stack, hops)[0])
        else:
            parts.append(_ref(name, stack, hops)[0])
    parts.append(template[end:])
    joined = concatenate(parts)
    return (_dynamic(joined) if isinstance(joined, str) and "{{resolve:" in joined else joined), stack


def _split(argument: Any, stack: Stack, hops: int) -> Folded:
    if not (
        isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str) and argument[0]
    ):
        return _malformed("Fn::Split", "a delimiter and a text", stack)
    delimiter = argument[0]
    source, owner = fold(argument[1], stack, hops)
    if isinstance(source, str | Text):
        return split(source, delimiter), owner
    if isinstance(source, Unknown):
        return replace(source, steps=(*source.steps, delimiter)), stack
    if isinstance(source, Reference) and delimiter == "," and _has_no_comma(source):
        return [source], owner
    return Unknown(f"pieces of {show(source)}"), stack


def _has_no_comma(reference: Reference) -> bool:
    """Return whether a reference is one ID or ARN; other stacks and custom resources can give a list."""
    kind = reference.resource.type
    is_one = not reference.attribute or reference.attribute.endswith(("Id", "Arn"))
    return is_one and kind.startswith("AWS::") and not kind.startswith("AWS::CloudFormation::")


def _select(argument: Any, stack: Stack, hops: int) -> Folded:
    if not (isinstance(argument, list) and len(argument) == 2):
        return _malformed("Fn::Select", "a position and a list", stack)
    position, _ = fold(argument[0], stack, hops)
    value, owner = fold(argument[1], stack, hops)
    index = _position(position)
    if isinstance(value, Zones):
        return replace(value, position=index), stack
    if isinstance(value, Unknown):
        return replace(value, steps=(*value.steps, index)), stack
    if index is None:
        return Unknown("a position in a list that is not literal"), stack
    if isinstance(value, Reference):
        return Reference(value.resource, f"{value.attribute}.{index}"), stack
    if not isinstance(value, list) or not 0 <= index < len(value):
        return Unknown("a position that the list does not have"), stack
    return fold(value[index], owner, hops)


def _position(value: Value) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _base64(argument: Any, stack: Stack, hops: int) -> Folded:
    return fold(argument, stack, hops)


def _get_azs(argument: Any, stack: Stack, hops: int) -> Folded:
    region, _ = fold(argument, stack, hops)
    region = _pseudo("AWS::Region", stack) if region == "" else region
    return Zones("the zones of the region", region=region), stack


def _length(argument: Any, stack: Stack, hops: int) -> Folded:
    elements = _elements(argument, stack, hops)
    return (elements if isinstance(elements, Unknown) else len(elements)), stack


def _to_json_string(argument: Any, stack: Stack, hops: int) -> Folded:
    parts: list[Value] = []
    _write_json(fold(argument, stack, hops), hops, parts)
    return concatenate(parts), stack


def _write_json(folded: Folded, hops: int, parts: list[Value]) -> None:
    """Add the JSON of a value to the parts of a text, where what is not known has a part of its own."""
    value, owner = folded
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else (("", held) for held in value)
        start, end = "{}" if isinstance(value, dict) else "[]"
        delimiter = ""
        parts.append(start)
        for key, raw in pairs:
            held = fold(raw, owner, hops)
            if held[0] is not ABSENT:
                parts.append(f"{delimiter}{json.dumps(str(key))}: " if isinstance(value, dict) else delimiter)
                _write_json(held, hops, parts)
                delimiter = ", "
        parts.append(end)
    elif isinstance(value, Text | Reference):
        pieces = value.parts if isinstance(value, Text) else (value,)
        quoted = [json.dumps(piece)[1:-1] if isinstance(piece, str) else piece for piece in pieces]
        parts += ['"', *quoted, '"']
    else:
        parts.append(value if isinstance(value, Unknown) else json.dumps(value))


_FUNCTIONS: dict[str, Callable[[Any, Stack, int], Folded]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::ImportValue": _import_value,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::Base64": _base64,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json_string,
    "Fn::GetAZs": _get_azs,
}

_UNKNOWABLE = {
    "Fn::Cidr": "address ranges that are computed at deployment",
    "Fn::Transform": "what a transform puts here",
}
"""Functions that are not folded, with a name for the result of each."""
