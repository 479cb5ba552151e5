"""The image is built from what is there, runs without what it leaves out, and its health check tells well from unwell."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sikua_contracts.topics import SERVICES
from support.deployments import DEPLOY, routes

ROOT = DEPLOY.parent
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
HEALTH = DEPLOY / "healthcheck.py"


def left_out() -> list[str]:
    """Packages of the lock that the image does not keep."""
    [line] = re.findall(r"uninstall --yes (.*)", DOCKERFILE)
    return line.split()


def test_every_package_of_the_workspace_is_in_it() -> None:
    members = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]["workspace"]["members"]
    assert sorted(re.findall(r"-e (\S+)", DOCKERFILE)) == sorted(members)


def test_what_is_copied_is_there_and_let_through() -> None:
    let_through = [
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    ]
    for source in re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE):
        assert (ROOT / source).exists(), source
        assert source in let_through, source


def test_every_library_comes_by_its_hash() -> None:
    assert "--require-hashes --only-binary :all: -r requirements-run.lock" in DOCKERFILE


def test_it_runs_as_a_user_of_no_importance() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users == ["10001:10001"]


def test_its_health_check_asks_a_path_that_every_service_answers() -> None:
    [path] = re.findall(r'healthcheck\.py", "(\S+)"\]', DOCKERFILE)
    assert all(path in routes(service) for service in SERVICES)


def test_what_it_leaves_out_stands_in_the_lock() -> None:
    lock = (ROOT / "requirements-run.lock").read_text(encoding="utf-8")
    assert [name for name in left_out() if not re.search(rf"^{name}==", lock, re.MULTILINE)] == []


def test_every_service_is_made_without_what_it_leaves_out() -> None:
    modules = {name.replace("-", "_") for name in left_out()}
    services = [f"sikua_{service.replace('-', '_')}.app" for service in SERVICES]
    program = f"""
import sys, importlib
class Away:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {modules!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Away())
for name in {[*services, "sikua_cli.main", "sikua_cli.commands.topics", "uvicorn", "uvloop"]!r}:
    importlib.import_module(name)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server that answers every request like this; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"[-]database failed: TimeoutError")

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def check(port: int) -> subprocess.CompletedProcess[str]:
    """Run the health check as the image does."""
    command = [sys.executable, "-E", "-S", str(HEALTH), "/readyz?verbose"]
    environment = {"SIKUA_PORT": str(port)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)


@pytest.mark.parametrize(("status", "exit_status"), [(200, 0), (503, 1), (404, 1)])
def test_the_health_check_passes_on_what_the_service_says(status: int, exit_status: int) -> None:
    with answering(status) as port:
        done = check(port)
    assert (done.returncode, done.stdout.strip()) == (exit_status, "[-]database failed: TimeoutError")


def test_the_health_check_fails_when_nobody_answers() -> None:
    with answering(200) as port:
        pass
    done = check(port)
    assert done.returncode == 1
    assert "refused" in done.stdout
