"""Copies are told by what they hold in common; a sketch never misses one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reportqa.copies import BUCKETS, copies_among, may_be_copies, sketch

SLOGAN = "坚持以习近平新时代中国特色社会主义思想为指导，全面贯彻党的二十大精神。"
TEXTS = {
    1: SLOGAN,
    2: SLOGAN.replace("，", "， \n"),
    3: SLOGAN.replace("全面", "深入"),
    4: "改造老旧小区二十三个，加装电梯四十部，惠及居民三万人。",
    5: "",
}


def copies(*pairs: tuple[int, int]) -> frozenset[int]:
    return copies_among(pairs, TEXTS.__getitem__)


def test_the_lesser_of_two_alike_is_a_copy_whatever_its_white_space() -> None:
    assert copies((2, 1), (3, 1), (4, 1), (5, 1), (5, 4)) == {2, 3}


def test_what_is_like_a_copy_alone_is_none() -> None:
    assert copies((2, 1), (3, 2)) == {2}


def test_a_text_without_a_pair_of_characters_has_an_empty_sketch() -> None:
    for text in ("", " \n", "一"):
        assert sketch(text).shape == (BUCKETS,)
        assert not sketch(text).any()
    empty = sketch("")[None]
    assert not may_be_copies(empty, empty).any()


@given(st.text("一二三四 \U00020000ab", max_size=40), st.text("一二三四 \U00020000ab", max_size=40))
def test_a_sketch_never_misses_a_copy(one: str, other: str) -> None:
    is_copy = copies_among([(1, 0)], {0: one, 1: other}.__getitem__) == {1}
    may = may_be_copies(sketch(one)[None], sketch(other)[None])
    assert may.item() or not is_copy
    assert np.array_equal(sketch(f" {one}\n"), sketch(one))


def test_sketches_tell_most_texts_apart() -> None:
    assert not may_be_copies(sketch(TEXTS[4])[None], sketch(SLOGAN)[None]).any()
