"""A machine without AWS credentials, git, or a network, on which the documented commands run.

Only two things stand in for a download: pip finds the packages of this environment as installed, and
npm takes the node_modules of this folder. Everything else is what a person would run.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[1]
_TOOLS = (
    *("sh", "env", "basename", "dirname", "uname"),
    *("cat", "ln", "ls", "make", "mkdir", "rm", "sed", "touch"),
)
_OUR_OWN = ("tts_constructs", "_editable_impl_tts_constructs", "__pycache__")
_PROGRAMS = ("node", "npx", "ruff")
_NOT_CLONED = (
    ".git",
    ".venv*",
    "node_modules",
    ".cache",
    "cdk.out",
    "dist",
    "site",
    ".nox",
    "__pycache__",
    ".*_cache",
)


def _node_modules() -> Path:
    """The folder that holds the `cdk` command of these tests."""
    path = os.pathsep.join([str(ROOT / "node_modules/.bin"), os.environ["PATH"]])
    return Path(str(shutil.which("cdk", path=path))).parents[1]


class BareMachine:
    """The machine, with a folder for its programs and packages.

    Args:
        folder: Where it puts them.
        git: Whether it has git, and somebody who commits.
    """

    def __init__(self, folder: Path, *, git: bool = False) -> None:
        self.home = folder / "home"
        self._bin = folder / "bin"
        self._packages = folder / "packages"
        for made in (self.home, self._bin, self._packages):
            made.mkdir()
        for tool in (*_TOOLS, *(["git"] if git else [])):
            (self._bin / tool).symlink_to(str(shutil.which(tool)))
        for program in _PROGRAMS:
            (self._bin / program).symlink_to(Path(sys.executable).parent / program)
        (self._bin / "python3").symlink_to(Path(sys.executable).resolve())
        packages = _node_modules()
        self._program(
            self._bin / "npm", f'mkdir -p node_modules && ln -s "{packages}/"* "{packages}/.bin" node_modules'
        )
        self._program(self._bin / "pytest", 'exec python -m pytest "$@"')
        for package in Path(sysconfig.get_paths()["purelib"]).iterdir():
            if not package.name.startswith(_OUR_OWN):
                (self._packages / package.name).symlink_to(package)

        nowhere = "http://127.0.0.1:9"
        self.environment = {
            "PATH": str(self._bin),
            "HOME": str(self.home),
            "PYTHONPATH": str(self._packages),
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "HTTP_PROXY": nowhere,
            "HTTPS_PROXY": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_COLOR": "1",
            # What jsii unpacks, which takes as long as a synth and is the same on every machine.
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(ROOT / ".cache/jsii"),
            "GIT_AUTHOR_NAME": "Forms",
            "GIT_AUTHOR_EMAIL": "forms@example.gov",
            "GIT_COMMITTER_NAME": "Forms",
            "GIT_COMMITTER_EMAIL": "forms@example.gov",
        }

    def sh(self, commands: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Types commands in a folder, as somebody without credentials does."""
        return subprocess.run(
            ["sh", "-e", "-c", commands],
            cwd=folder,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
        )

    def clone(self, folder: Path) -> Path:
        """This project without git, in a folder where the set-up has been done."""
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*_NOT_CLONED))
        for name, stamps in (("node_modules", [".ready"]), (".venv/bin", ["../.locked", "../.ready"])):
            (folder / name).mkdir(parents=True)
            for stamp in stamps:
                (folder / name / stamp).write_text(f"{folder}\n", encoding="utf-8")
        self.sh("npm ci", folder)
        self._program(folder / ".venv/bin/python", f'exec "{self._bin / "python3"}" "$@"')
        return folder

    def build_wheel(self, folder: Path) -> Path:
        """The wheel of this library, built into a folder as `make wheel` does."""
        command = "python3 -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir"
        done = self.sh(f'{command} "{folder}" "{ROOT}"', self.home)
        assert done.returncode == 0, done.stdout
        (wheel,) = folder.glob("*.whl")
        return wheel

    @staticmethod
    def _program(file: Path, line: str) -> None:
        file.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        file.chmod(0o755)
