"""The generated part of the documentation: a page of each rule, their index, and the controls matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tts_constructs.policy.examples import load_cdk_example, load_examples
from tts_constructs.policy.model.rule import Rule
from tts_constructs.policy.rules import library_rules
from tts_constructs.policy.rules.builtin import BUILTIN_RULES
from tts_constructs.report.handbook import SECTIONS, section_of
from tts_constructs.report.nist_controls import TITLES
from tts_constructs.report.oscal_document import in_order
from tts_constructs.report.rule_docs.component_definition import CONSTRUCTS
from tts_constructs.report.rule_docs.markup import Block, Heading, Link, Paragraph, Table, Words, markdown
from tts_constructs.report.rule_docs.rule_page import LEVELS, blocks
from tts_constructs.system_metadata import Environment

_SUFFIX = ".md"

_ABOUT_RULES = (
    "Each rule comes from a sentence of the TTS handbook, from a mandate that it points to, or from good "
    "practice; they are listed here by the handbook's sections. `tts rules` lists them in a terminal, and "
    "`tts explain` shows the page of one."
)
_ABOUT_LEVELS = (
    "What blocks fails the synth or the check; what warns is shown and passes. A value that cannot be "
    "decided before deployment never passes silently: it has the level of a violation where the rule is a "
    "must, and warns elsewhere. Settings can make a rule stricter."
)
_ABOUT_EXAMPLES = (
    "An example is a template of production in `us-east-1`. Where it says more than that, the template "
    "is below the key `template`, and beside it:"
)
_ABOUT_CONTROLS = (
    "The controls of NIST SP 800-53 rev 5 that rules serve, and the constructs that make what these rules "
    "require. A rule shows of a control what a template shows; the rest is for others to implement. "
    "CloudTrail, Config, GuardDuty, password policy and MFA are account-wide controls of TTS: no rule asks a "
    "stack for them."
)


def pages() -> dict[str, str]:
    """Renders each generated page as Markdown, by its path in `docs`."""
    rules = library_rules()
    generated = {
        f"rules/{rule.id}{_SUFFIX}": blocks(rule, load_examples(rule.id), load_cdk_example(rule.id))
        for rule in rules
    }
    generated |= {f"rules/{rule.id}{_SUFFIX}": blocks(rule, ()) for rule in BUILTIN_RULES}
    generated["rules/index.md"] = _index(rules)
    generated["controls.md"] = _controls(rules)
    return {path: markdown(page) for path, page in generated.items()}


def level_table(rules: Iterable[Rule]) -> Table:
    """Lists the rules, with the effect of a violation in each environment."""
    rows = tuple(
        (
            _page(rule),
            (rule.title,),
            *((LEVELS[rule.level(environment)],) for environment in Environment),
        )
        for rule in rules
    )
    return Table(("rule", "what it requires", *Environment), rows)


def _index(rules: tuple[Rule, ...]) -> Iterator[Block]:
    yield Heading(1, "Rules")
    yield Paragraph((_ABOUT_RULES,))
    yield Paragraph((_ABOUT_LEVELS,))
    for section in SECTIONS:
        if of_section := [rule for rule in rules if section_of(rule.id) == section]:
            yield Heading(2, section)
            yield level_table(of_section)
    yield Heading(2, "What the judge itself demands")
    yield level_table(BUILTIN_RULES)
    yield from _reading()


def _reading() -> Iterator[Block]:
    yield Heading(2, "How to read an example")
    yield Paragraph((_ABOUT_EXAMPLES,))
    keys = (
        ("environment, region, account", "where the stack runs"),
        ("others", "further stacks of the app, by name"),
        ("nested", "templates of nested stacks, by the logical id of their resource"),
        ("settings", "what `tts.toml` says"),
        ("context, missing", "lookups that are recorded, and those whose record is missing"),
        ("synthesizing", "true: at synth, not in `tts check`"),
        ("termination_protection, in_ci", "whether the stack is protected; whether a CI judges"),
    )
    yield Table(("key", "what it says"), tuple(((key,), (meaning,)) for key, meaning in keys))


def _controls(rules: tuple[Rule, ...]) -> Iterator[Block]:
    yield Heading(1, "Controls")
    yield Paragraph((_ABOUT_CONTROLS,))
    rows = []
    for control in in_order(control for rule in rules for control in rule.controls):
        serving = tuple(rule for rule in rules if control in rule.controls)
        constructs = ", ".join(name for name in CONSTRUCTS if any(name in rule.fix for rule in serving))
        rows.append(((control,), (TITLES[control],), _joined(serving), (constructs,)))
    yield Table(("control", "title", "rules", "constructs"), tuple(rows))


def _joined(rules: Iterable[Rule]) -> Words:
    words: list[str | Link] = []
    for rule in rules:
        words += [", ", Link(rule.id, f"rules/{rule.id}{_SUFFIX}")]
    return tuple(words[1:])


def _page(rule: Rule) -> Words:
    return (Link(rule.id, f"{rule.id}{_SUFFIX}"),)
