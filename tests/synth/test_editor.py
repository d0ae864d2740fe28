"""`cdk lsp`, the CDK's language server, shows our findings in an editor at the lines that cause them.

The server reads only `validation-report.json` of the cloud assembly. It shows one diagnostic for each entry
of a violation's `violatingConstructs`: `ruleName` is the code, `severity` the severity, `description` and
`suggestedFix` the message, and the first frame of the entry's `stackTraces` the line (else the line that made
the construct of `constructPath`). It doesn't read `locations` or `ruleMetadata`. So a violation must keep
every place in its `violating_resources`, and its text must be true at each of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

ROOT = Path(__file__).parents[2]
CDK = ROOT / "node_modules" / ".bin" / "cdk"
PATIENCE = 240
"""Seconds that a synth and its report may take on a busy machine."""

PUBLISHED = "textDocument/publishDiagnostics"
ERROR, WARNING = 1, 2  # severities of the protocol

pytestmark = pytest.mark.slow

BAD = """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2, aws_kms as kms
from tts_constructs import TtsGuardrails

app = cdk.App()
stack = cdk.Stack(app, "Forms", env=cdk.Environment(account="111122223333", region="us-east-1"))
key = kms.Key(stack, "Key")
cdk.Tags.of(key).add("Environment", "production")
one_gib = {"availability_zone": "us-east-1a", "size": cdk.Size.gibibytes(1), "encrypted": True}
ec2.Volume(stack, "First", **one_gib)
ec2.Volume(stack, "Second", **one_gib)
cdk.Aspects.of(app).add(TtsGuardrails())
app.synth()
"""
REPAIRED = BAD.replace('"Key")', '"Key", enable_key_rotation=True)').replace("Tags.of(key)", "Tags.of(stack)")

Place = tuple[int, str, int]
"""The line, the ID of the rule, and the severity of a finding in the editor."""


class Editor:
    """A client of the language server, as far as the tests need one.

    Args:
        folder: The folder of the app, with its `cdk.json`.
    """

    def __init__(self, folder: Path) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CDK_", "JSII_", "PYTEST_"))
        }
        environment |= {
            "CDK_DISABLE_CLI_TELEMETRY": "true",  # the server must ask nothing of the network
            "CDK_VALIDATION": "false",  # the CDK's own checks would only take time
            "PYTHONPATH": str(ROOT),
        }
        self._server = subprocess.Popen(
            [str(CDK), "lsp", "--no-notices"],
            cwd=folder, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._requests = 0
        self._shown: dict[str, set[Place]] = {}
        self.log: list[str] = []

    def __enter__(self) -> Self:
        self._reader.start()
        self.request("initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": {}})
        self.notify("initialized", {})
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.notify("exit", None)
            self._reader.join(timeout=30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._server.pid, signal.SIGKILL)  # `node` may be a child of its own
            self._server.communicate()

    def request(self, method: str, params: object) -> None:
        """Sends a request and waits until the server has answered it."""
        self._requests += 1
        number = self._requests
        self._send({"id": number, "method": method, "params": params})
        self._wait(lambda said: said.get("id") == number and "method" not in said, f"answer to {method}")

    def notify(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def open(self, file: Path) -> None:
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": file.read_text()}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def save(self, file: Path, text: str) -> None:
        file.write_text(text, encoding="utf-8")
        self.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})

    def shows(self, file: Path, fits: Callable[[set[Place]], bool]) -> set[Place]:
        """Waits until what the server says of a file fits, and returns it."""
        while not fits(shown := self._shown.get(file.as_uri(), set())):
            self._wait(lambda said: said.get("method") == PUBLISHED, f"findings in {file.name}")
        return shown

    def _wait(self, done: Callable[[dict[str, Any]], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                message = self._messages.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                message = None
            assert message is not None, f"no {what}; shown: {self._shown}; log: {self.log[-5:]}"
            self._receive(message)
            if done(message):
                return

    def _receive(self, message: dict[str, Any]) -> None:
        match message:
            case {"id": number, "method": _}:  # the server asks for something, such as a bar of progress
                self._send({"id": number, "result": None})
            case {"method": str(method), "params": params} if method == PUBLISHED:
                self._shown[params["uri"]] = {
                    (each["range"]["start"]["line"] + 1, str(each.get("code")), each["severity"])
                    for each in params["diagnostics"]
                }
            case {"method": "window/logMessage", "params": params}:
                self.log.append(params["message"])

    def _send(self, message: dict[str, Any]) -> None:
        assert self._server.stdin
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._server.stdin.flush()

    def _read(self) -> None:
        assert self._server.stdout
        while header := self._server.stdout.readline():
            while line := self._server.stdout.readline().strip():  # a header ends with an empty line
                header += line
            length = int(header.lower().split(b"content-length:")[1].split()[0])
            self._messages.put(json.loads(self._server.stdout.read(length)))
        self._messages.put(None)


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    """An editor in the folder of an app that synthesizes it on each save."""
    (tmp_path / "cdk.json").write_text(json.dumps({"app": f"{shlex.quote(sys.executable)} app.py"}))
    with Editor(tmp_path) as editor:
        editor.request("workspace/executeCommand", {"command": "cdk.explorer.enableAutoSynth"})
        yield editor


def line_of(words: str) -> int:
    return BAD.splitlines().index(next(line for line in BAD.splitlines() if words in line)) + 1


def test_findings_are_at_their_lines_until_they_are_repaired(editor: Editor, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(BAD, encoding="utf-8")
    editor.open(file)
    editor.save(file, BAD)
    shown = editor.shows(file, bool)
    assert {each for each in shown if each[1] in {"TTS-KMS-001", "TTS-TAG-004"}} == {
        (line_of('"Key"'), "TTS-KMS-001", ERROR),
        (line_of('"First"'), "TTS-TAG-004", WARNING),
        (line_of('"Second"'), "TTS-TAG-004", WARNING),
    }

    editor.save(file, REPAIRED)
    left = editor.shows(file, lambda places: places != shown)
    assert left == {each for each in shown if each[1] not in {"TTS-KMS-001", "TTS-TAG-004"}}
    assert left, "what wasn't repaired stays"
