"""What deploys the program: the Dockerfile linted and its steps gone through in a fresh folder, the
compose file, the systemd unit, the bundle.

There is no Docker here, and so neither a base image nor a layer: what of the Dockerfile is not run
is listed in NOT_RUN with its reason, and a step that is neither run nor listed fails the test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
STARTS_WITHIN = 240  # seconds: the model is unpacked and the shipped reports are embedded

NOT_RUN = {
    r"FROM python:3\.11-slim.*": "no image can be pulled; this machine's Python stands in",
    r"COPY requirements\.txt /": "of the first stage, which only installs",
    r"RUN python -m venv /venv .*": "as in `make serve`; these tests run in what that installed",
    r"COPY --from=installed /venv /venv": "the same",
    r"RUN useradd .*": "needs root, and leaves a user behind; the folders are made here",
    r"USER 10001": "the user does not exist here; all but index/ and cache/ is root's",
    r"EXPOSE \d+": "says, does nothing",
}


def read_dockerfile(text: str) -> list[tuple[str, str]]:
    """Instructions with their arguments, continued lines joined, without comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(word, rest) for word, rest in found]


def sent_to_docker(ignore: str, path: str) -> bool:
    """Whether .dockerignore lets a path of the project into the image; its last match counts."""
    sent = True
    for line in ignore.splitlines():
        pattern = line.strip().removeprefix("!")
        if not pattern or pattern.startswith("#"):
            continue
        parts = path.split("/")
        above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
        anywhere = pattern.removeprefix("**/")
        tried = parts if anywhere != pattern else above
        if any(fnmatch(one, anywhere) for one in tried):
            sent = line.strip().startswith("!")
    return sent


STEPS = read_dockerfile((ROOT / "Dockerfile").read_text("utf-8"))


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert linter, "no hadolint beside this Python: pip install -r requirements-dev.txt"
    done = subprocess.run(
        [linter, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_dockerfile_is_read_over_continued_lines() -> None:
    text = '# a\nRUN one \\\n    && two\n\nENTRYPOINT ["x"]\n'
    assert read_dockerfile(text) == [("RUN", "one && two"), ("ENTRYPOINT", '["x"]')]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("serve.py", True),
        ("reportqa/web/page.py", True),
        ("reportqa/__pycache__/answer.cpython-311.pyc", False),
        ("corpus/报告.md", True),
        ("index/CURRENT", False),
        (".git/config", False),
        (".venv/bin/python", False),
        ("tests/conftest.py", False),
    ],
)
def test_only_what_runs_goes_into_the_image(path: str, sent: bool) -> None:
    assert sent_to_docker((ROOT / ".dockerignore").read_text("utf-8"), path) is sent


def test_the_image_does_not_run_as_root_and_keeps_its_data_in_volumes() -> None:
    last = STEPS[[word for word, _ in STEPS].index("FROM", 1) :]
    assert ("USER", "10001") in last
    ((_, volumes),) = [step for step in last if step[0] == "VOLUME"]
    assert json.loads(volumes) == ["/app/corpus", "/app/index", "/app/cache"]
    assert [word for word, _ in last].count("HEALTHCHECK") == 1


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def copy_context(app: Path) -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8")
    for line in ignore.splitlines():
        top = ROOT / line.removeprefix("!")
        if not line.startswith("!"):
            continue
        for path in [top] if top.is_file() else filter(Path.is_file, top.rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if sent_to_docker(ignore, name):
                (app / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, app / name)


def rehearse(root: Path) -> tuple[dict[str, str], list[str], list[str]]:
    """Go through the Dockerfile with `root` in place of /. Environment, entry and health check."""
    given: dict[str, str] = {}
    entry, check = [], []
    for word, rest in STEPS:
        if any(re.fullmatch(pattern, f"{word} {rest}") for pattern in NOT_RUN):
            continue
        if word == "ENV":
            given |= dict(pair.split("=", 1) for pair in rest.split())
        elif (word, rest) == ("COPY", ". ./"):
            copy_context(root / "app")
        elif word in ("WORKDIR", "VOLUME"):
            for folder in json.loads(rest) if word == "VOLUME" else [rest]:
                (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif word == "HEALTHCHECK":
            check = json.loads(rest.partition(" CMD ")[2])
        elif word in ("ENTRYPOINT", "CMD"):
            entry = [*entry, *json.loads(rest)]
        else:
            pytest.fail(f"{word} {rest}: run it here or say in NOT_RUN why not")
    for name in ("HOME", "REPORTQA_CACHE"):
        del given[name]  # the model that these tests share, or it would be unpacked anew
    given["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    given |= {"REPORTQA_PORT": str(free_port()), "REPORTQA_HOST": "127.0.0.1"}
    return {**os.environ, **given}, entry, check


@pytest.fixture
def container(
    shipped_index: Path, tmp_path: Path
) -> Iterator[tuple[subprocess.Popen[str], list[str], dict[str, str]]]:
    environment, entry, check = rehearse(tmp_path)
    index = shutil.copytree(shipped_index, tmp_path / "app" / "index", dirs_exist_ok=True)
    (index / "CURRENT").unlink()  # no index yet, but its vectors: nothing is embedded again
    with subprocess.Popen(
        entry,
        cwd=tmp_path / "app",
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as running:
        try:
            yield running, check, environment
        finally:
            running.kill()


def healthy(check: list[str], folder: Path, environment: dict[str, str]) -> bool:
    done = subprocess.run(check, cwd=folder, env=environment, capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.model
def test_the_steps_of_the_dockerfile_build_an_index_serve_it_and_end_on_sigterm(
    container: tuple[subprocess.Popen[str], list[str], dict[str, str]], tmp_path: Path
) -> None:
    running, check, environment = container
    app = tmp_path / "app"
    assert not healthy(check, app, environment)
    deadline = time.monotonic() + STARTS_WITHIN
    while not healthy(check, app, environment):
        assert running.poll() is None, running.communicate()[0]
        assert time.monotonic() < deadline, "the page did not open"
        time.sleep(0.5)
    assert (app / "index" / "CURRENT").exists()
    assert not list(app.rglob("tests")), "tests went into the image"
    running.send_signal(signal.SIGTERM)
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 0, said
    assert "2 reports" in said
    assert said.endswith("serve.py: ended\n")


def test_the_compose_file_runs_the_image_with_as_little_as_it_needs() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["reportqa"]
    assert service["ports"] == ["127.0.0.1:7860:7860"]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert "no-new-privileges:true" in service["security_opt"]
    mounted = {volume.split(":")[1] for volume in service["volumes"]}
    ((_, volumes),) = [step for step in STEPS if step[0] == "VOLUME"]
    assert mounted == set(json.loads(volumes))
    ((_, port),) = [step for step in STEPS if step[0] == "EXPOSE"]
    assert service["ports"][0].endswith(f":{port}")


analyse = shutil.which("systemd-analyze")


@pytest.mark.skipif(not analyse, reason="needs systemd-analyze")
def test_systemd_takes_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    installed = tmp_path / ".venv" / "bin" / "python"
    installed.parent.mkdir(parents=True)
    installed.symlink_to(sys.executable)
    unit = tmp_path / "reportqa.service"
    text = (ROOT / "deploy" / "reportqa.service").read_text("utf-8")
    unit.write_text(text.replace("/opt/reportqa", str(tmp_path)), "utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    about_ours = [line for line in verified.stderr.splitlines() if "reportqa" in line]
    assert (verified.returncode, about_ours) == (0, [])
    graded = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert graded.returncode == 0, graded.stdout  # exposure of 2.0 of 10 at most


def test_the_bundle_holds_what_the_image_holds() -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8")
    wanted = {line.removeprefix("!") for line in ignore.splitlines() if line.startswith("!")}
    packed = (ROOT / "deploy" / "bundle.sh").read_text("utf-8")
    (names,) = re.findall(r"^tar -c --exclude=__pycache__ (.*?) \| tar", packed, re.M | re.S)
    assert wanted <= set(names.replace("\\\n", " ").split())
    assert all((ROOT / name).exists() for name in names.replace("\\\n", " ").split())


def test_a_damaged_bundle_is_not_installed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "deploy" / "install.sh", tmp_path)
    (tmp_path / "serve.py").write_text("changed")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  ./serve.py\n")
    done = subprocess.run([tmp_path / "install.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "The bundle is damaged: copy it again." in done.stderr
    assert not (tmp_path / ".venv").exists()
