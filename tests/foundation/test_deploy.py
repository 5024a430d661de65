"""What lies in `deploy/` parses and fits together (containers are parsed, not run)."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def unit(file: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]  # as the manual shows
    found.read(file, encoding="utf-8")
    return found


def test_the_compose_file_has_web_worker_database_and_proxy() -> None:
    content = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = content["services"]
    assert set(services) == {"setup", "web", "worker", "database", "proxy"}
    for service in services.values():
        assert set(service.get("secrets", [])) <= set(content["secrets"])
        for volume in service.get("volumes", []):
            name = volume.split(":")[0]
            assert name.startswith("./") or name in content["volumes"]
        for other in service.get("depends_on", []):
            assert other in services
    for name in ("web", "worker"):
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["command"][0] == "lotse"
    assert not services["web"].get("ports"), "only the proxy is reached from outside"
    assert "--no-worker" in services["web"]["command"]
    for key in services["web"]["environment"]:
        assert key.endswith("_FILE") or key == "LOTSE_PROXIES", "secrets come as files"


def test_the_container_runs_without_rights_and_names_no_index() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    assert "--require-hashes" in text
    assert not re.search(r"index-url|pypi|registry\.npm|ADD http", text)
    for source in re.findall(r"^COPY (?!--from)([\w./ -]+) \S+$", text, re.MULTILINE):
        for name in source.split():
            assert (DEPLOY.parent / name).exists(), name


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_units_agree_on_user_folder_and_program(file: Path) -> None:
    service = unit(file)["Service"]
    assert service["User"] == "lotse"
    assert service["EnvironmentFile"] == "/etc/lotse/environment"
    assert service["StateDirectory"] == "lotse"
    assert service["ExecStart"].startswith("/opt/lotse/bin/lotse ")
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert service[name] == "true"
    assert service["ProtectSystem"] == "strict"
    assert service["UMask"] == "0077"


def test_the_backup_may_write_where_it_writes_and_has_a_timer() -> None:
    service = unit(DEPLOY / "systemd" / "lotse-backup.service")["Service"]
    assert service["ReadWritePaths"] in service["ExecStart"].split()
    assert (DEPLOY / "systemd" / "lotse-backup.timer").exists()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    """The paths are put where they exist: what is looked at is the writing."""
    for file in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"/opt/lotse/bin/lotse", "/bin/true", file.read_text())
        (tmp_path / file.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "lotse-" in line]
    assert not ours, ours


def test_every_setting_of_the_example_exists() -> None:
    known = set()
    for name in ("settings.py", "environment.py"):
        known |= set(re.findall(r'"(LOTSE_[A-Z_]+)"', (DEPLOY.parent / "lotse" / name).read_text()))
    lines = (DEPLOY / "environment.example").read_text().splitlines()
    named = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    assert named - {"LOTSE_HOST"} <= known


def test_the_guides_name_every_setting() -> None:
    text = (DEPLOY.parent / "lotse" / "settings.py").read_text()
    known = set(re.findall(r'environment\.\w+\("(LOTSE_[A-Z_]+)"', text))
    for guide in ("docs/betrieb/index.de.md", "docs/operation/index.en.md"):
        content = (DEPLOY.parent / guide).read_text()
        missing = {name for name in known if f"`{name}`" not in content}
        assert not missing, (guide, sorted(missing))


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_proxies_keep_secret_links_out_of_their_log(name: str) -> None:
    text = (DEPLOY / name).read_text()
    assert "/checks/zugang/" in text
    assert text.count("{") == text.count("}")
