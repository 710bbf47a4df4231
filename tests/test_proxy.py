"""Behind a reverse proxy under a sub-path: page, REST, stream and MCP, with no request beside it.

The proxy here does what one of nginx does by `location /reports/ { proxy_pass http://server/; }`:
it takes its part of the path off, and answers nothing else.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from corpora import build_index, write_corpus
from mcp import Client
from serving import process

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT_PATH = "/reports"
QUESTION = "东山县改造老旧小区多少个？"
PIECE = 4_096  # bytes
DROPPED = {"connection", "transfer-encoding", "keep-alive", "date", "server"}


class Proxy(BaseHTTPRequestHandler):
    """Hands requests under the sub-path on, piece by piece; keeps the paths of all others."""

    upstream = ""
    beside: list[str]

    def do_GET(self) -> None:
        if not self.path.startswith(f"{ROOT_PATH}/"):
            self.beside.append(self.path)
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        server = http.client.HTTPConnection(self.upstream, timeout=60)
        server.request(self.command, self.path.removeprefix(ROOT_PATH), body, dict(self.headers))
        got = server.getresponse()
        self.send_response(got.status)
        for name, value in got.getheaders():
            if name.lower() not in DROPPED:
                self.send_header(name, value)
        self.end_headers()
        try:
            while piece := got.read1(PIECE):
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            pass  # a page was closed
        finally:
            server.close()

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("proxy")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    with process(folder / "index", page=True, root_path=ROOT_PATH) as (url, _):
        Proxy.upstream, Proxy.beside = urlsplit(url).netloc, []
        with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
            thread = threading.Thread(target=proxy.serve_forever)
            thread.start()
            yield f"http://127.0.0.1:{proxy.server_port}{ROOT_PATH}"
            proxy.shutdown()
            thread.join()


def test_rest_answers_streams_and_describes_itself_under_the_sub_path(base: str) -> None:
    asked = {"question": QUESTION}
    assert "23个" in httpx.post(f"{base}/api/ask", json=asked).json()["answer"]["text"]
    wanted = {"Accept": "text/event-stream"}
    streamed = httpx.post(f"{base}/api/ask", json=asked, headers=wanted).text
    assert "event: answer" in streamed
    described = httpx.get(f"{base}/openapi.json").json()
    assert described["servers"] == [{"url": ROOT_PATH}]


def test_mcp_answers_under_the_sub_path(base: str) -> None:
    async def ask() -> str:
        async with Client(f"{base}/mcp") as client:
            result = await client.call_tool("ask_reports", {"question": QUESTION})
            return result.content[0].text  # type: ignore[union-attr]

    assert "23个" in anyio.run(ask)


@pytest.mark.browser
def test_an_event_that_waits_in_a_queue_is_answered_under_the_sub_path(
    base: str, browser: Browser
) -> None:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{base}/?tab=compare")
    box = page.locator("#compare-question textarea")
    box.fill(QUESTION)
    with page.expect_response(f"{base}/gradio_api/queue/data*"):
        box.press("Enter")
    cells = page.locator("#compare-result .sheet tbody").inner_text()
    assert "23个" in cells
    page.close()


@pytest.mark.browser
def test_the_page_asks_and_leads_on_under_the_sub_path(base: str, browser: Browser) -> None:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{base}/")
    box = page.locator("#question textarea")
    box.fill(QUESTION)
    box.press("Enter")
    page.locator(".reply").wait_for()
    assert "23个" in page.locator(".reply").inner_text()
    assert page.url.startswith(f"{base}/?q=")
    assert f"{base}/gradio_api/run/predict" in asked
    for link in page.locator(".reply a").evaluate_all("links => links.map(one => one.href)"):
        assert link.startswith(f"{base}/")
    page.goto(page.locator(".reply a[href*='report/']").first.evaluate("link => link.href"))
    assert "改造老旧小区23个" in page.content()
    page.close()
    assert [url for url in asked if url.startswith("http") and not url.startswith(base)] == []
    # Gradio's page names no icon, and a browser then looks for one of the whole host
    assert set(Proxy.beside) <= {"/favicon.ico"}
