"""The set-up that `make` does, with stand-ins for Python, npm and cdk that write down what they are asked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tts_constructs import ci

ROOT = Path(__file__).parents[1]
INPUTS = (
    "Makefile",
    "requirements.lock",
    "requirements-synth.lock",
    "requirements-floor.lock",
    "requirements-validate.lock",
    "pyproject.toml",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "scripts/find_python.sh",
)

PYTHON = """#!/bin/sh
echo "python $*" >> "$LOG"
case "$*" in
*"-m venv"*) rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; cp "$NPM" "$4/bin/npm" ;;
*join*) echo {version} ;;
*"sys.exit(sys.version_info"*) exit {too_old} ;;
*ensurepip*) exit {no_ensurepip} ;;
*realpath*) echo "$0" ;;
*"pip wheel"*) mkdir -p dist; touch dist/tts.whl ;;
*"pip install"*validate*) exit "${{ENGINE_EXIT:-0}}" ;;
*"pip install"*requirements*) exit "${{PIP_EXIT:-0}}" ;;
esac
"""
NPM = '#!/bin/sh\necho "npm $*" >> "$LOG"\nmkdir -p node_modules\nexit "${NPM_EXIT:-0}"\n'
CDK = '#!/bin/sh\necho "cdk $*" >> "$LOG"\nenv > "$LOG.environment"\n'
NOX = """#!/bin/sh
echo "nox $*" >> "$LOG"
[ -n "$NO_REPORT" ] || { mkdir -p .nox; echo > .nox/report.json; }
exit 1
"""


class Machine:
    """A clone of the project on a machine whose only Python is a stand-in."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "clone"
        self.bin = folder / "bin"
        self.log = folder / "log"
        self.bin.mkdir()
        for name in INPUTS:
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, self.clone / name)
        for tool in ("sh", "cat", "cp", "env", "ls", "mkdir", "rm", "sed", "touch"):
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self._write(folder / "npm", NPM)
        self._write(self.bin / "nox", NOX)
        self._write(self.bin / "cdk", CDK)

    def install_python(
        self,
        version: str = "3.11.2",
        *,
        too_old: int = 0,
        no_ensurepip: int = 0,
        name: str = "python3",
    ) -> Path:
        """Puts a stand-in for Python on the path, or wherever `name` says from there."""
        program = PYTHON.format(version=version, too_old=too_old, no_ensurepip=no_ensurepip)
        file = self.bin / name
        file.parent.mkdir(exist_ok=True)
        self._write(file, program)
        return file

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs make; what the stand-ins are then asked is in `asked`."""
        self.log.write_text("", encoding="utf-8")
        environment = {"PATH": str(self.bin), "LOG": str(self.log), "NPM": str(self.bin.parent / "npm")}
        return subprocess.run(
            [str(shutil.which("make")), *arguments],
            cwd=self.clone,
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def asked(self) -> list[str]:
        """What the set-up asked for, without the questions that only look."""
        return [line for line in self.log.read_text(encoding="utf-8").splitlines() if " -c " not in line]

    @property
    def given(self) -> dict[str, str]:
        """The environment that the CDK command was given."""
        lines = self.log.with_name("log.environment").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _write(self, file: Path, program: str) -> None:
        file.write_text(program, encoding="utf-8")
        file.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


ENGINE = (
    "python -m pip install --quiet --no-compile --no-deps --require-hashes "
    "--requirement requirements-validate.lock"
)
EVERYTHING = [
    "python -m venv --clear .venv",
    "python -m pip install --quiet --no-compile --require-hashes --requirement requirements.lock",
    ENGINE,
    "python -m pip install --quiet --no-deps --no-build-isolation --editable .",
    "npm ci --prefer-offline --loglevel=error",
]
FOR_SYNTH = [
    "python -m venv --clear .venv",
    "python -m pip install --quiet --no-compile --require-hashes --requirement requirements-synth.lock",
    ENGINE,
    "python -m pip install --quiet --no-deps --no-build-isolation --editable .",
    "npm ci --omit=dev --prefer-offline --loglevel=error",
]
SYNTH = ["cdk synth --quiet", "python scripts/describe_assembly.py cdk.out"]


def test_the_first_run_sets_everything_up_and_says_so(machine: Machine) -> None:
    machine.install_python()
    done = machine.make("setup")
    assert done.returncode == 0, done.stderr
    assert machine.asked == EVERYTHING
    assert done.stdout.splitlines() == [
        "==> Setting up .venv from requirements.lock (once; it takes a minute or more)",
        "==> Installing this project into .venv",
        "==> Setting up node_modules from package-lock.json",
    ]
    assert done.stderr == ""


def test_a_synth_sets_up_what_it_needs_and_no_more(machine: Machine) -> None:
    machine.install_python()
    done = machine.make("synth")
    assert done.returncode == 0, done.stderr
    assert machine.asked == FOR_SYNTH + SYNTH
    assert done.stdout.splitlines() == [
        "==> Setting up .venv from requirements-synth.lock (once; it takes a minute or more)",
        "==> Installing this project into .venv",
        "==> Setting up node_modules from package-lock.json",
        "==> Synthesizing the sample app into cdk.out",
    ]


def test_a_machine_without_a_wheel_of_the_engine_has_all_else(machine: Machine) -> None:
    machine.install_python()
    done = machine.make("synth", ENGINE_EXIT="1")
    assert done.returncode == 0, done.stderr
    assert machine.asked == FOR_SYNTH + SYNTH
    assert done.stderr.splitlines() == [
        "note: AWS's native validation was not installed, so a synth takes longer; all else works."
    ]


def test_a_wheel_is_built_without_the_set_up_of_the_tests(machine: Machine) -> None:
    machine.install_python()
    done = machine.make("wheel")
    build = "python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist ."
    assert machine.asked == [*FOR_SYNTH[:4], build]
    assert done.stdout.splitlines()[-1] == "dist/tts.whl"


def test_a_second_synth_sets_nothing_up(machine: Machine) -> None:
    machine.install_python()
    machine.make("synth")
    machine.make("synth")
    assert machine.asked == SYNTH


def test_what_is_set_up_for_the_tests_serves_a_synth(machine: Machine) -> None:
    machine.install_python()
    machine.make("setup")
    machine.make("synth")
    assert machine.asked == SYNTH


def test_the_tests_are_set_up_from_nothing_after_a_synth(machine: Machine) -> None:
    machine.install_python()
    machine.make("synth")
    machine.make("setup")
    assert machine.asked == EVERYTHING
    machine.make("synth", "setup")
    assert machine.asked == SYNTH


@pytest.mark.parametrize("jobs", ["-j1", "-j8"])
def test_a_synth_and_the_tests_are_set_up_one_after_the_other(machine: Machine, jobs: str) -> None:
    machine.install_python()
    machine.make(jobs, "synth", "setup")
    assert machine.asked == FOR_SYNTH + SYNTH + EVERYTHING


@pytest.mark.parametrize(
    ("broken", "remade"), [("PIP_EXIT", FOR_SYNTH[:4]), ("NPM_EXIT", FOR_SYNTH[4:])], ids=["pip", "npm"]
)
def test_what_broke_off_for_the_tests_is_made_anew_for_a_synth(
    machine: Machine, broken: str, remade: list[str]
) -> None:
    machine.install_python()
    machine.make("synth")
    assert machine.make("setup", **{broken: "1"}).returncode != 0
    machine.make("synth")
    assert machine.asked == remade + SYNTH


@pytest.mark.parametrize(
    ("broken", "lock"), [("PIP_EXIT", "requirements-synth.lock"), ("NPM_EXIT", "package-lock.json")]
)
def test_a_machine_that_reaches_no_registry_is_told_what_is_needed(
    machine: Machine, broken: str, lock: str
) -> None:
    machine.install_python()
    done = machine.make("synth", **{broken: "1"})
    assert done.returncode != 0
    assert done.stderr.splitlines()[:2] == [
        f"error: {lock} could not be installed; the lines above say why.",
        "The first set-up needs the registries that pip and npm are set to; later runs need no network.",
    ]


def test_the_sample_is_given_no_pipeline_no_account_and_no_network(machine: Machine) -> None:
    machine.install_python()
    pipeline = dict.fromkeys(ci.VARIABLES, "true")
    account = {"AWS_PROFILE": "team", "AWS_ACCESS_KEY_ID": "key", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}
    assert machine.make("synth", **pipeline, **account, TEAM="forms").returncode == 0
    assert machine.given["TEAM"] == "forms"
    assert pipeline.keys() & machine.given.keys() == set()
    assert {name: value for name, value in machine.given.items() if name.startswith(("AWS_", "CDK_"))} == {
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
    }


def test_a_second_run_sets_nothing_up(machine: Machine) -> None:
    machine.install_python()
    machine.make("setup")
    assert machine.make("setup").returncode == 0
    assert machine.asked == []


def test_an_interrupted_set_up_starts_from_nothing(machine: Machine) -> None:
    machine.install_python()
    assert machine.make("setup", PIP_EXIT="1").returncode != 0
    machine.make("setup")
    assert machine.asked == EVERYTHING


def test_a_new_lock_is_installed_into_a_new_environment(machine: Machine) -> None:
    machine.install_python()
    machine.make("setup")
    later = (machine.clone / ".venv/.ready").stat().st_mtime + 5
    os.utime(machine.clone / "requirements.lock", (later, later))
    machine.make("setup")
    assert machine.asked == EVERYTHING[:4]


@pytest.mark.parametrize(("target", "remade"), [("setup", EVERYTHING[:4]), ("synth", FOR_SYNTH[:4] + SYNTH)])
@pytest.mark.parametrize("name", ["moved", "moved to 'a path' with $HOME and spaces"])
def test_a_folder_that_was_moved_is_set_up_again(
    machine: Machine, target: str, remade: list[str], name: str
) -> None:
    machine.install_python()
    machine.make(target)
    machine.clone = machine.clone.rename(machine.clone.with_name(name))
    machine.make(target)
    assert machine.asked == remade
    machine.make(target)
    assert machine.asked == remade[4:]


def test_an_environment_whose_python_has_gone_is_set_up_again(machine: Machine) -> None:
    machine.install_python()
    machine.make("setup")
    (machine.clone / ".venv/bin/python").unlink()
    machine.make("setup")
    assert machine.asked == EVERYTHING[:4]


def test_the_floor_has_an_environment_of_its_own(machine: Machine) -> None:
    machine.install_python()
    machine.make(".venv-floor/.ready")
    assert machine.asked[:2] == [
        "python -m venv --clear .venv-floor",
        "python -m pip install --quiet --no-compile --require-hashes --requirement requirements-floor.lock",
    ]


@pytest.mark.parametrize(
    ("variables", "session", "arguments"),
    [
        ({}, "", " docs/matrix.md"),
        ({"MISSING": "allowed"}, "", " docs/matrix.md --missing-allowed"),
        ({"ONLY": "python3.12-floor-node24"}, " --session matrix(python3.12-floor-node24)", ""),
    ],
)
def test_the_matrix_is_judged_by_what_nox_reports(
    machine: Machine, variables: dict[str, str], session: str, arguments: str
) -> None:
    machine.install_python()
    machine.make("setup")
    assert machine.make("matrix", **variables).returncode == 0
    assert machine.asked == [
        f"nox --no-error-on-missing-interpreters --report .nox/report.json{session}",
        f"python scripts/make_matrix_page.py .nox{arguments}",
    ]


def test_a_matrix_that_nox_cannot_begin_fails_and_leaves_the_page(machine: Machine) -> None:
    machine.install_python()
    machine.make("matrix")
    assert machine.make("matrix", NO_REPORT="1").returncode != 0
    assert [line.split()[0] for line in machine.asked] == ["nox"]


@pytest.mark.parametrize(
    ("python", "message"),
    [
        (None, "error: Python 3.11 or newer is needed."),
        (
            {"version": "3.9.2", "too_old": 1},
            "error: Python 3.11 or newer is needed. Found: python3 is 3.9.2.",
        ),
        (
            {"version": "3.11.2", "no_ensurepip": 1},
            "error: no environment can be made by python3: the module venv or ensurepip is missing.",
        ),
    ],
)
def test_a_python_that_cannot_serve_is_named(
    machine: Machine, python: dict[str, object] | None, message: str
) -> None:
    if python is not None:
        machine.install_python(**python)  # type: ignore[arg-type]  # the table above holds its arguments
    done = machine.make("setup")
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == message
    assert machine.asked == []


def test_the_package_that_is_missing_is_that_of_the_python_that_was_found(machine: Machine) -> None:
    machine.install_python("3.13.1", no_ensurepip=1)
    assert "apt install python3.13-venv" in machine.make("setup").stderr


def test_a_python_of_any_path_can_be_named(machine: Machine) -> None:
    elsewhere = machine.install_python(name="of mine/python")
    assert machine.make("setup", f"PYTHON={elsewhere}").returncode == 0
    assert machine.asked == EVERYTHING


def test_a_named_python_that_does_not_run_is_named(machine: Machine) -> None:
    machine.install_python()
    done = machine.make("setup", "PYTHON=python9")
    assert (
        done.stderr.splitlines()[0] == "error: Python 3.11 or newer is needed. Found: python9 does not run."
    )


def test_make_alone_lists_what_can_be_made() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "make synth       Synthesize the sample app with the CDK command" in done.stdout
    assert "make test        Run every check and test, as CI does" in done.stdout


def test_ci_runs_make_test_from_any_folder(tmp_path: Path) -> None:
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "$PWD: make $*"\n', encoding="utf-8")
    make.chmod(0o755)
    done = subprocess.run(
        [str(ROOT / ".ci/run")],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{ROOT}: make test BROWSER=required\n"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of programs that is all of the machine's: a shell and what each test puts there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "sh").symlink_to(str(shutil.which("sh")))
    return folder


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def see_to_chromium(programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(ROOT / "scripts/chromium.sh"), *arguments]
    return subprocess.run(command, env={"PATH": str(programs)}, capture_output=True, text=True, check=False)


def test_a_chromium_that_is_there_is_not_installed_again(programs: Path) -> None:
    put(programs, "chromium", "")
    put(programs, "apt-get", "exit 1")
    put(programs, "id", "echo 0")
    done = see_to_chromium(programs, "required")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_chromium_is_installed_where_it_is_missing_and_can_be(programs: Path) -> None:
    put(programs, "id", "echo 0")
    put(programs, "apt-get", 'echo "$*" >&2')
    done = see_to_chromium(programs)
    assert done.returncode == 0
    assert done.stdout.startswith("==> Installing Chromium")
    assert done.stderr.splitlines()[0].startswith("update")
    assert done.stderr.splitlines()[1].endswith("--no-install-recommends chromium")


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("required",), 1)])
def test_a_missing_chromium_fails_only_where_it_is_required(
    programs: Path, arguments: tuple[str, ...], code: int
) -> None:
    put(programs, "id", "echo 1000")
    put(programs, "apt-get", "exit 1")
    done = see_to_chromium(programs, *arguments)
    assert done.returncode == code
    assert "Install the package chromium" in done.stderr
