"""How many searches a second the REST interface answers, and how long each takes, with its memory.

    python serve.py --index INDEX --api-only --rate 0 --port 7870 &
    python benchmarks/api.py http://127.0.0.1:7870 QUESTIONS.jsonl --clients 16 --seconds 60
    python benchmarks/api.py http://127.0.0.1:7870 QUESTIONS.jsonl --seconds 600  # memory flat?

A client of its own on asyncio and httpx: each of the clients sends the next question as soon as it
has its answer. Prints one JSON object; `memory` is the server's resident MiB at even times,
`memory_grew` by how many of them its median rose from the second quarter of the run to the last:
the first quarter fills caches.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import re
import statistics
import time
from collections import Counter
from pathlib import Path

import httpx

SAMPLES = 20  # of the server's memory, in a run


async def ask_on(
    client: httpx.AsyncClient,
    path: str,
    questions: itertools.cycle[str],
    until: float,
    times: list[float],
    seen: Counter[int | str],
) -> None:
    while time.perf_counter() < until:
        began = time.perf_counter()
        try:
            got = await client.post(path, json={"question": next(questions), "k": 10})
            seen[got.status_code] += 1
        except httpx.HTTPError as error:
            seen[type(error).__name__] += 1
        times.append(time.perf_counter() - began)


async def watch_memory(client: httpx.AsyncClient, every: float, found: list[float]) -> None:
    while True:
        text = (await client.get("/metrics")).text
        size = re.search(r"^process_resident_memory_bytes (\S+)", text, re.MULTILINE)
        found.append(round(float(size[1]) / 2**20, 1) if size else float("nan"))
        await asyncio.sleep(every)


async def measure(arguments: argparse.Namespace) -> dict[str, object]:
    lines = Path(arguments.questions).read_text("utf-8").splitlines()
    questions = itertools.cycle([json.loads(line)["question"] for line in lines if line.strip()])
    times: list[float] = []
    memory: list[float] = []
    seen: Counter[int | str] = Counter()
    limits = httpx.Limits(max_connections=arguments.clients + 1)
    async with httpx.AsyncClient(base_url=arguments.url, timeout=60, limits=limits) as client:
        watching = asyncio.create_task(watch_memory(client, arguments.seconds / SAMPLES, memory))
        began = time.perf_counter()
        until = began + arguments.seconds
        await asyncio.gather(
            *(
                ask_on(client, arguments.path, questions, until, times, seen)
                for _ in range(arguments.clients)
            )
        )
        seconds = time.perf_counter() - began
        watching.cancel()
    times.sort()
    return {
        "path": arguments.path,
        "clients": arguments.clients,
        "requests": len(times),
        "a_second": round(len(times) / seconds, 1),
        "p50_ms": round(times[len(times) // 2] * 1000),
        "p95_ms": round(times[int(len(times) * 0.95)] * 1000),
        "worst_ms": round(times[-1] * 1000),
        "errors": sum(count for status, count in seen.items() if status != 200),
        "status": {str(status): count for status, count in seen.items()},
        "memory": memory,
        "memory_grew": growth(memory),
    }


def growth(memory: list[float]) -> float:
    """From the second quarter of the samples to the last, by their medians."""
    quarter = max(1, len(memory) // 4)
    second, last = memory[quarter : 2 * quarter], memory[-quarter:]
    return round(statistics.median(last) - statistics.median(second or memory), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("url")
    parser.add_argument("questions", help="JSON lines with a question each")
    parser.add_argument("--path", default="/api/search")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60)
    print(json.dumps(asyncio.run(measure(parser.parse_args())), ensure_ascii=False))


if __name__ == "__main__":
    main()
