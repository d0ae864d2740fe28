"""What the benchmarks measured. Differences and ratios are taken round by round."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.checks import DEFAULTS, GUARDED, OURS

BARE = "bare"
NOTHING = "nothing"
GUARDRAILS = "guardrails"
NAG = "nag"

JUDGES = {
    BARE: "no judge",
    NOTHING: "a plugin that does nothing",
    GUARDRAILS: "these guardrails",
    NAG: "cdk-nag",
}
"""Who judges a synth, and what people call it."""


@dataclass(frozen=True)
class Rounds:
    """One value a round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """What a page and a plot show."""
        return statistics.median(self.values)

    @property
    def lowest(self) -> float:
        """Where the spread begins."""
        return min(self.values)

    @property
    def highest(self) -> float:
        """Where it ends."""
        return max(self.values)

    def __add__(self, other: Rounds) -> Rounds:
        return Rounds(tuple(one + two for one, two in zip(self.values, other.values, strict=True)))

    def __sub__(self, other: Rounds) -> Rounds:
        return self + other * -1

    def __truediv__(self, other: Rounds) -> Rounds:
        return Rounds(tuple(one / two for one, two in zip(self.values, other.values, strict=True)))

    def __mul__(self, factor: float) -> Rounds:
        return Rounds(tuple(value * factor for value in self.values))


@dataclass(frozen=True)
class Synth:
    """Apps of one size with one judge.

    Times are seconds of processor time, of Python and Node.js together; peaks of memory are in bytes.

    Args:
        construction: Making the constructs.
        attaching: Loading the judge and attaching it to the app.
        synth: `app.synth()`.
        python: Peak of the app's process.
        node: Peak of the largest process that it started, which is the CDK's Node.js.
    """

    construction: Rounds
    attaching: Rounds
    synth: Rounds
    python: Rounds
    node: Rounds

    @property
    def whole(self) -> Rounds:
        """Seconds of construction and synth together."""
        return self.construction + self.synth


@dataclass(frozen=True)
class Command:
    """A whole process with those that it starts.

    Args:
        seconds: Its time.
        processor: Its processor time in seconds.
        memory: The peak of its memory, or of the largest process that it starts, in bytes.
    """

    seconds: Rounds
    processor: Rounds
    memory: Rounds


@dataclass(frozen=True)
class Results:
    """All that one run measured.

    Args:
        machine: The machine, for a reader.
        versions: Version by package.
        templates: How many templates the commands judged.
        resources: How many resources are in them.
        findings: How many findings `tts check` has.
        checks: The commands over these templates, by name; ours is `tts check`.
        starts: The commands that only say their version, by name; ours is `tts`.
        row: Number of resources that the targets name.
        synths: By number of resources, then by judge.
        untraced: Construction of `row` resources without host stack traces, in seconds.
        growth: Reading and judging in seconds, by number of resources.
        hostile: By what people call it, how the steps of reading and judging a hostile template grow against
            a line; steps are calls of functions.
        whole: `cdk synth` of whole apps, by app, then by the way in which the app is made.
        suite: The tests of this project that start no other program; None where they were not measured.
    """

    machine: str
    versions: Mapping[str, str]
    templates: int
    resources: int
    findings: int
    checks: Mapping[str, Command]
    starts: Mapping[str, Command]
    row: int
    synths: Mapping[int, Mapping[str, Synth]]
    untraced: Rounds
    growth: Mapping[int, Rounds]
    hostile: Mapping[str, float]
    whole: Mapping[str, Mapping[str, Command]]
    suite: Command | None = None

    def added(self, size: int, judge: str) -> Rounds:
        """Seconds that a judge adds to the synth of as many resources."""
        return self.synths[size][judge].synth - self.synths[size][BARE].synth

    def against_nag(self, size: int, judge: str) -> Rounds:
        """What a judge adds to the synth of as many resources, against what cdk-nag adds."""
        return self.added(size, judge) / self.added(size, NAG)

    def share(self, size: int, judge: str) -> Rounds:
        """What a judge adds, as a part of construction and synth without one."""
        return self.added(size, judge) / self.synths[size][BARE].whole

    def faster_than(self, name: str) -> Rounds:
        """How many times faster than another command `tts check` is, by processor time."""
        return self.checks[name].processor / self.checks[OURS].processor

    def against_defaults(self, app: str) -> Rounds:
        """Time of `cdk synth` of an app with guardrails, against the same app by the CDK's defaults."""
        return self.whole[app][GUARDED].seconds / self.whole[app][DEFAULTS].seconds

    def against_a_line(self, size: int) -> Rounds:
        """Time of reading and judging against a line through nothing and the smallest size."""
        smallest = min(self.growth)
        return self.growth[size] / self.growth[smallest] * (smallest / size)
