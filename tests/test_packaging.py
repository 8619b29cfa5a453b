"""What is installed: the wheel, the lock file, and what stands in neither."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from s2s import checkpoint

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
DATA = {
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "s2s").rglob("*")
    if path.is_file() and path.suffix not in (".py", ".pyc")
}


def run(*command, **options) -> str:
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, timeout=120, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy so that the tree stays clean, with this environment's setuptools."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "s2s", source / "s2s", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet")
    run(*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", out, ".", cwd=source)
    [path] = out.iterdir()
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Programs of an environment that has the wheel, and this environment's packages below it."""
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    site = Path(paths["purelib"])
    (site / "below.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", folder)
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)
    return Path(paths["scripts"])


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert names >= DATA
    assert "s2s/export/trace.schema.json" in DATA
    assert {name.split("/")[0].split("-")[0] for name in names} == {"s2s"}


def test_an_installed_command_lists_checkpoints(installed, tiny_checkpoint, tmp_path):
    environment = {
        k: v for k, v in os.environ.items() if k not in ("S2S_CHECKPOINTS", "PYTHONPATH")
    }
    tell = [installed / "python", "-c", "import s2s; print(s2s.__file__)"]
    assert str(ROOT) not in run(*tell, cwd=tmp_path, env=environment)
    command = [installed / "s2s", "list"]
    out = run(*command, cwd=tmp_path, env=environment)  # nothing there yet
    assert f"none in {tmp_path.resolve() / 'checkpoints'}" in out
    named = environment | {"S2S_CHECKPOINTS": str(tiny_checkpoint.parent)}
    assert tiny_checkpoint.name in run(*command, cwd=tmp_path, env=named)
    schema = "from importlib.resources import files; print((files('s2s.export') / 'trace.schema.json').read_text())"
    read = run(installed / "python", "-c", schema, cwd=tmp_path, env=environment)
    assert "properties" in json.loads(read)


def test_in_the_repository_its_own_checkpoints_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.delenv("S2S_CHECKPOINTS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert checkpoint.shipped() == ROOT / "checkpoints"


def pins(name: str) -> dict[str, str]:
    """Package → version of a file of pins."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)==([^ \\]+)", line) for line in lines)
    return {canonicalize_name(m[1]): m[2] for m in found if m}


LOCKS = {
    "requirements.lock": PROJECT["dependencies"] + EXTRAS["app"] + EXTRAS["build"],
    "requirements-all.lock": PROJECT["dependencies"] + [r for e in EXTRAS.values() for r in e],
}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_what_the_project_asks_for(name):
    locked, needed = pins(name), pins("requirements.txt")
    assert {k: v for k, v in needed.items() if k != "torch"}.items() <= locked.items()
    assert "torch" not in locked  # its hash depends on the build
    for text in LOCKS[name]:
        asked = Requirement(text)
        version = (locked | needed)[canonicalize_name(asked.name)]
        assert asked.specifier.contains(version), f"{text} against {version}: make lock"


def test_the_small_lock_file_is_a_part_of_the_large_one():
    assert pins("requirements.lock").items() <= pins("requirements-all.lock").items()


def test_requirements_txt_is_the_core_and_the_app():
    asked = {
        canonicalize_name(Requirement(r).name) for r in PROJECT["dependencies"] + EXTRAS["app"]
    }
    assert set(pins("requirements.txt")) == asked


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_has_a_hash_for_every_package_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text.replace("\\\n", ""), flags=re.IGNORECASE)[1:]
    assert len(entries) == len(pins(name))
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_no_module_is_excused_from_types():
    assert not any("ignore_errors" in o for o in PYPROJECT["tool"]["mypy"]["overrides"])


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_lacks_nothing_on_another_system_or_python(name):
    """It is made on one machine and installed without dependencies: so whatever a locked package asks for
    on Linux, macOS or Windows, with any Python since 3.11, must stand in it as well."""
    locked = pins(name)
    systems = [
        default_environment()
        | {"sys_platform": platform, "platform_system": system, "os_name": name, "extra": ""}
        | {"python_version": python, "python_full_version": f"{python}.0"}
        for platform, system, name in (
            ("linux", "Linux", "posix"),
            ("darwin", "Darwin", "posix"),
            ("win32", "Windows", "nt"),
        )
        for python in ("3.11", "3.12", "3.13", "3.14")
    ]
    for package in locked:
        for asked in map(Requirement, distribution(package).requires or ()):
            if asked.marker is None or any(map(asked.marker.evaluate, systems)):
                assert canonicalize_name(asked.name) in {*locked, "torch", "pip"}, package


def test_the_app_serves_this_machine_and_takes_small_files_only():
    """As it is started without options; the server enforces it."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] == "127.0.0.1"
    assert set(config["server"]["allowedHosts"]) == {"localhost", "127.0.0.1", "::1"}
    assert config["server"]["maxUploadSize"] == 1
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorLinks"] is False
