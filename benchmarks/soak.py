"""Whether a server under load fails or mixes snapshots while its index is rebuilt again and again.

    python benchmarks/soak.py [--corpus DIR …] [--seconds 600] [--every 20] [--clients 8]

In a temporary folder: the corpus with two small reports that name the number of the build. A server
is started and the index rebuilt every so many seconds, while clients search, ask, ask in batches
and list figures. Of each response the two reports must tell the same number, and a client never a
smaller one than before. Prints one JSON object; exit code 1 where a request failed or mixed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
PLACES = ("磁浮甲市", "磁浮乙市")
QUESTION = "磁悬浮试验线建成多少公里"
BATCH = 70  # questions: more than the server answers together
TOLD = re.compile(r"磁悬浮试验线建成(\d+)公里")


@dataclass(slots=True)
class Seen:
    """What came of a run so far."""

    requests: int = 0
    builds: int = 0
    snapshots: set[int] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def write_reports(folder: Path, number: int) -> None:
    """The two reports of a build."""
    folder.mkdir(exist_ok=True)
    for place in PLACES:
        text = f"{place}2024年政府工作报告\n\n一、2023年工作回顾\n磁悬浮试验线建成{number}公里。\n"
        (folder / f"{place}.txt").write_text(text, encoding="utf-8")


def build(corpora: list[str], index: Path) -> None:
    """Rebuild the index as its keeper would."""
    command = [sys.executable, "build_index.py", "--index", str(index), "--corpus", *corpora]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the index could not be built: {done.stderr}")


async def rebuild(corpora: list[str], index: Path, every: float, until: float, seen: Seen) -> None:
    """A new snapshot every so often, the next begun only when the last is there."""
    while time.monotonic() < until:
        due = time.monotonic() + every
        seen.builds += 1
        write_reports(Path(corpora[-1]), seen.builds + 1)
        await asyncio.to_thread(build, corpora, index)
        await asyncio.sleep(max(0.0, min(due, until) - time.monotonic()))


async def ask_on(client: httpx.AsyncClient, way: int, until: float, seen: Seen) -> None:
    """Ask in one way after the other, and look at what comes."""
    asked = {"question": QUESTION, "k": 2, "region": list(PLACES)}
    batch = {**asked, "questions": [{"question": QUESTION}] * BATCH}
    del batch["question"]
    figures = {"indicator": "磁悬浮试验线", "count": 2}
    ways: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/search", {"json": asked}),
        ("POST", "/api/ask", {"json": asked}),
        ("POST", "/api/batch", {"json": batch}),
        ("GET", "/api/figures", {"params": figures}),
    ]
    newest = 0
    while time.monotonic() < until:
        way += 1
        method, path, how = ways[way % len(ways)]
        began = time.perf_counter()
        seen.requests += 1
        try:
            got = await client.request(method, path, **how)
        except httpx.HTTPError as error:
            seen.failed.append(f"{path}: {error!r}")
            continue
        seen.times.append(time.perf_counter() - began)
        if got.status_code != 200:
            seen.failed.append(f"{path}: {got.status_code} {got.text[:200]}")
            continue
        told = {int(number) for number in TOLD.findall(got.text)}
        if len(told) != 1 or min(told) < newest:
            seen.mixed.append(f"{path}: {sorted(told)} after {newest}")
        newest = max(told | {newest})
        seen.snapshots |= told


async def watch_memory(client: httpx.AsyncClient, every: float, seen: Seen) -> None:
    """The server's resident MiB at even times."""
    while True:
        text = (await client.get("/metrics")).text
        if size := re.search(r"^process_resident_memory_bytes (\S+)", text, re.MULTILINE):
            seen.memory.append(round(float(size[1]) / 2**20, 1))
        await asyncio.sleep(every)


async def soak(
    url: str, corpora: list[str], index: Path, seconds: float, every: float, clients: int
) -> Seen:
    """Load a running server and rebuild its index meanwhile."""
    seen, until = Seen(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=clients + 1)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        watching = asyncio.create_task(watch_memory(client, seconds / 20, seen))
        asking = [ask_on(client, way, until, seen) for way in range(clients)]
        await asyncio.gather(rebuild(corpora, index, every, until, seen), *asking)
        watching.cancel()
    return seen


def run(folder: Path, corpora: list[str], seconds: float, every: float, clients: int) -> Seen:
    """Build the first index, start a server over it and soak it."""
    corpora, index = [*corpora, str(folder / "told")], folder / "index"
    write_reports(folder / "told", 1)
    build(corpora, index)
    command = [sys.executable, "serve.py", "--index", str(index), "--port", "0"]
    command += ["--api-only", "--rate", "0"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        found = re.search(r"http://\S+", server.stdout.readline())
        if not found:
            raise SystemExit("the server did not start")
        return asyncio.run(soak(found[0], corpora, index, seconds, every, clients))
    finally:
        server.terminate()
        server.wait(60)
        server.stdout.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--corpus", nargs="+", default=["corpus"])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--every", type=float, default=20, help="seconds from build to build")
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    corpora = [str(Path(one).resolve()) for one in given.corpus]
    with tempfile.TemporaryDirectory() as folder:
        seen = run(Path(folder), corpora, given.seconds, given.every, given.clients)
    said = asdict(seen)
    times = sorted(said.pop("times"))
    said["snapshots"] = len(seen.snapshots)
    said["p50_ms"] = round(times[len(times) // 2] * 1000)
    said["p95_ms"] = round(times[int(len(times) * 0.95)] * 1000)
    print(json.dumps(said, ensure_ascii=False))
    return 1 if seen.failed or seen.mixed else 0


if __name__ == "__main__":
    sys.exit(main())
