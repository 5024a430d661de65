"""The systemd path in a scratch root: Lotse as a package, the units' own commands (issue 3, G)."""

import configparser
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.perf.served import ROOT, free_port, wait_for

pytestmark = pytest.mark.slow
SYSTEMD = ROOT / "deploy" / "systemd"


def command(name: str, root: Path, port: int) -> list[str]:
    """ExecStart of a unit, with its paths below the scratch root and a free port."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(SYSTEMD / name, encoding="utf-8")
    line = unit["Service"]["ExecStart"].replace("--port 8000", f"--port {port}")
    return shlex.split(re.sub(r"(?<!\S)/(opt|var)/", rf"{root}/\1/", line))


def environment(root: Path, port: int) -> dict[str, str]:
    """What `EnvironmentFile` and `Environment` give, and nothing of this test's own."""
    found = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(root)}
    for line in (root / "etc" / "lotse" / "environment").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name] = value
    return found | {"LOTSE_DATA_DIR": str(root / "var" / "lib" / "lotse"), "PORT": str(port)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """`/opt/lotse` as a virtual environment with the wheel; the packages are this one's."""
    for name in ("etc/lotse", "var/lib", "var/backups/lotse"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "var" / "lib" / "lotse").mkdir(mode=0o700)
    (tmp_path / "etc" / "lotse" / "environment").write_text(
        (ROOT / "deploy" / "environment.example").read_text()
    )
    target = tmp_path / "opt" / "lotse"
    run(sys.executable, "-m", "venv", "--without-pip", str(target))
    here = next(path for path in sys.path if path.endswith("site-packages"))
    wheels = tmp_path / "wheels"
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
        "--disable-pip-version-check", "--wheel-dir", str(wheels), str(ROOT))  # fmt: skip
    (wheel,) = wheels.glob("lotse-*.whl")
    run(sys.executable, "-m", "pip", "--python", str(target / "bin" / "python"), "install",
        "--quiet", "--no-deps", "--no-index", str(wheel))  # fmt: skip
    site = next((target / "lib").glob("python*")) / "site-packages"
    (site / "packages.pth").write_text(here + "\n")
    return tmp_path


def run(*arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run(arguments, env=env, cwd=cwd, capture_output=True, text=True,
                          timeout=150, check=False)  # fmt: skip
    assert done.returncode == 0, (arguments, done.stderr[-1500:])
    return done.stdout


def test_the_units_run_from_a_wheel(root: Path) -> None:
    port = free_port()
    env = environment(root, port)
    work = root / "var" / "lib" / "lotse"
    lotse = str(root / "opt" / "lotse" / "bin" / "lotse")
    assert str(root) in run(
        str(root / "opt/lotse/bin/python"), "-c", "import lotse; print(lotse.__file__)",
        env=env, cwd=work,
    )  # fmt: skip
    run(lotse, "migrate", "--verbosity", "0", env=env, cwd=work)
    run(lotse, "collectstatic", "--noinput", "--verbosity", "0", env=env, cwd=work)
    run(lotse, "loadcontent", env=env, cwd=work)
    running = [
        subprocess.Popen(command(name, root, port), env=env, cwd=work, stderr=subprocess.PIPE)
        for name in ("lotse-web.service", "lotse-worker.service")
    ]
    try:
        wait_for(lambda: _health(lotse, env, work, port) == 0, 40, "the server answers")
        wait_for(lambda: '"worker": "ok"' in _said(lotse, env, work, port), 20, "the worker")
        run(*command("lotse-backup.service", root, port), env=env, cwd=work)
        (backup,) = (root / "var" / "backups" / "lotse").glob("lotse-*.zip")
        assert backup.stat().st_mode & 0o077 == 0
    finally:
        for process in running:
            process.terminate()
        codes = [process.wait(40) for process in running]
        for process in running:
            assert process.stderr is not None
            process.stderr.close()
    assert codes == [0, 0]
    assert os.stat(work / "lotse.sqlite3").st_mode & 0o007 in (0, 4)


def _health(lotse: str, env: dict[str, str], work: Path, port: int) -> int:
    return subprocess.run([lotse, "health", "--port", str(port)], env=env, cwd=work, timeout=30,
                          capture_output=True, check=False).returncode  # fmt: skip


def _said(lotse: str, env: dict[str, str], work: Path, port: int) -> str:
    return subprocess.run([lotse, "health", "--port", str(port)], env=env, cwd=work, timeout=30,
                          capture_output=True, text=True, check=False).stdout  # fmt: skip
