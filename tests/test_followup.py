"""Follow-up questions: what is left out is filled in, what stands alone stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reportqa.followup import rewrite

DATA = Path(__file__).parent / "data" / "followups"
PLACES = ("武汉市江汉区", "江汉区", "江汉", "东山县", "东山", "西河市", "西河")


def pairs(name: str) -> list[Any]:
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [pytest.param(row, id=row["question"]) for row in map(json.loads, lines)]


def is_rewritten_well(row: dict[str, Any], written: str) -> bool:
    if row.get("same"):
        return written == str(row["question"])
    return all(word in written for word in row["has"]) and not any(
        word in written for word in row["not"]
    )


@pytest.mark.parametrize("row", pairs("first"))
def test_a_follow_up_is_filled_from_the_question_before_it(row: dict[str, Any]) -> None:
    written = rewrite(row["question"], row["before"], places=PLACES)
    assert is_rewritten_well(row, written), written


@pytest.mark.parametrize("row", pairs("second"))
def test_pairs_that_the_rules_were_not_written_on(row: dict[str, Any]) -> None:
    written = rewrite(row["question"], row["before"], places=PLACES)
    assert is_rewritten_well(row, written), written
