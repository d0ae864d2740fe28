"""The matrix: each Python with the oldest and the newest `aws-cdk-lib`, and the oldest Node.js with both.

A session is a combination: in an environment of its own from the lock files it runs the tests, and the CDK
command on the sample app. `make matrix` runs them all and writes docs/matrix.md.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import nox

from tts_constructs import ci

ROOT = Path(__file__).parent
RESULTS = ROOT / ".nox/results"
"""A folder for each combination: `versions.json`, `tests.xml` and the assembly `cdk.out`."""

PYTHONS = nox.project.python_versions(nox.project.load_toml(ROOT / "pyproject.toml"))
LOCKS = {"newest": "requirements.lock", "floor": "requirements-floor.lock"}

# Python and Node.js meet at a pipe between two processes, so one Python is enough for the older Node.js.
COMBINATIONS = [
    *((python, library, "24") for python in PYTHONS for library in LOCKS),
    *((PYTHONS[0], library, "22") for library in LOCKS),
]

# Node 24 and the CDK command are those of .venv and node_modules; what a session installs comes before them.
TOOLS = [str(Path(sys.executable).parent), str(ROOT / "node_modules/.bin"), os.environ["PATH"]]

nox.options.error_on_missing_interpreters = True


@nox.session(venv_backend="uv", allow_parallel=True)
@nox.parametrize(
    ("python", "library", "node"),
    [nox.param(*one, id="python{}-{}-node{}".format(*one)) for one in COMBINATIONS],
)
def matrix(session: nox.Session, library: str, node: str) -> None:
    """The tests that start no other program, and a synth of the sample app."""
    results = RESULTS / session.name.removeprefix("matrix(").removesuffix(")")
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    session.install("--require-hashes", "--requirement", LOCKS[library])
    if node == "22":
        session.install("--require-hashes", "--requirement", "requirements-node22.lock")
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")

    session.env["PATH"] = os.pathsep.join(TOOLS)
    (results / "versions.json").write_text(json.dumps(_versions(session)), encoding="utf-8")

    # The judge knows neither the library nor Node.js: all of its tests once for each Python are enough.
    tests = ["tests"] if (library, node) == ("newest", "24") else ["@tests/floor.txt"]
    session.run("python", "-m", "pytest", "-m", "not slow", f"--junitxml={results / 'tests.xml'}", *tests)
    desk: dict[str, str | None] = dict.fromkeys(
        ci.VARIABLES
    )  # the sample is a demonstration, as `make synth` has it
    session.run("cdk", "synth", "--quiet", "--output", str(results / "cdk.out"), external=True, env=desk)


def _versions(session: nox.Session) -> dict[str, str]:
    library = "from importlib.metadata import version; print(version('aws-cdk-lib'))"
    commands = {
        "python": ("python", "-c", "import platform; print(platform.python_version())"),
        "aws-cdk-lib": ("python", "-c", library),
        "node": ("node", "--version"),
    }
    return {
        name: str(session.run(*command, silent=True, external=True)).strip().removeprefix("v")
        for name, command in commands.items()
    }
