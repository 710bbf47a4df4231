"""Pictures of every view of the page, light and dark, at the width of a desk and of a phone.

    python docs/screenshots.py [--index index] [--out docs/screenshots] [--only NAME]

In: an index over the shipped corpus, and what the tests need (requirements-dev.txt, a Chromium).
Out: docs/screenshots/VIEW-WIDTH-SCHEME.webp. The model that writes the generated answer is the
tests' own, which says what it is told.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from endpoints import running_endpoint
from looks import (
    SCHEMES,
    SHAPES,
    Asked,
    View,
    generated,
    open_browser,
    open_window,
    serving_program,
    views,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
QUESTION = "2024年江汉区地区生产总值预计完成多少？"
WRITTEN = (
    "2024年江汉区地区生产总值预计完成1740亿元[1]，预计增长6.5%[2]。"
    "社会消费品零售总额预计完成911亿元[1]。"
)
QUESTIONS = "2025年江汉区新增就业目标是多少？\n2024年江汉区重点抓了哪些改革？\n？？\n"
QUALITY = 82


def shoot(browser: Browser, url: str, view: View, out: Path) -> None:
    """A picture of the view for each width and scheme."""
    for shape in SHAPES:
        for scheme in SCHEMES:
            with open_window(browser, shape, scheme) as page:
                view.open(page, url)
                page.wait_for_timeout(400)  # fields get what the page fills in at opening
                picture = Image.open(io.BytesIO(page.screenshot()))
            picture.save(out / f"{view.name}-{shape}-{scheme}.webp", quality=QUALITY, method=6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--index", type=Path, default=ROOT / "index")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--only", metavar="NAME", help="of one view")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        batch = Path(folder) / "我的问题.txt"
        batch.write_text(QUESTIONS, "utf-8")
        asked = Asked(
            question=QUESTION,
            both="江汉区2024年和2025年的主要目标有什么不同？",
            absent="江汉区地铁有几条线路？",
            compared="新增就业多少人？",
            by="year",
            indicator="地区生产总值",
            batch=batch,
        )
        with serving_program(given.index) as url:
            for view in views(asked):
                if given.only in (None, view.name):
                    shoot(browser, url, view, given.out)
        view = generated(asked)
        if given.only in (None, view.name):
            with (
                running_endpoint() as endpoint,
                serving_program(
                    given.index,
                    "--llm",
                    f"say:{WRITTEN}",
                    OPENAI_BASE_URL=endpoint.base_url,
                    OPENAI_API_KEY="none",
                ) as url,
            ):
                shoot(browser, url, view, given.out)


if __name__ == "__main__":
    main()
