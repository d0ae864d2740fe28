"""Traces of the app's Python are those that jsii would capture."""

import os
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from jsii import _stack_trace
from jsii._kernel.providers import process

from tts_constructs.synth import host_stack_traces
from tts_constructs.synth.host_stack_traces import captured

used: Any = process


def test_a_trace_is_the_one_of_jsii() -> None:
    ours, theirs = (lambda: (used.capture_stack_trace(), _stack_trace.capture_stack_trace()))()
    assert len(ours) > 10
    assert [frame for frame in ours if frame[3] != "<lambda>"] == [
        frame for frame in theirs if frame[3] != "<lambda>"
    ]
    assert ours[0][0] == __file__


def test_it_is_the_one_that_jsii_uses() -> None:
    assert used.capture_stack_trace is not _stack_trace.capture_stack_trace


def test_frames_of_jsii_are_left_out() -> None:
    frame = sys._getframe()
    assert captured(frame, ("<", __file__)) == captured(frame.f_back, ("<",))


def test_a_jsii_that_has_changed_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "jsii._kernel.providers.process", changed)
    monkeypatch.setattr("jsii._kernel.providers.process", changed, raising=False)
    host_stack_traces.switch_on()
    assert vars(changed) == {}


@pytest.mark.parametrize(("before", "after"), [(None, "1"), ("0", "0")])
def test_the_switch_of_the_environment_counts(
    before: str | None, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(host_stack_traces.SWITCH, raising=False)
    if before:
        monkeypatch.setenv(host_stack_traces.SWITCH, before)
    host_stack_traces.switch_on()
    assert os.environ[host_stack_traces.SWITCH] == after
