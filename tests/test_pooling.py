"""What several sources say of one fact, put together."""

from __future__ import annotations

import pytest

from vision.facts import told_by
from vision.pooling import WEIGHTS, pooled

DARK = {"dark": 0.7, "mid": 0.2, "light": 0.1, "bright": 0.0}
NOTHING = dict.fromkeys(DARK, 0.25)


def test_one_source_is_taken_as_it_is() -> None:
    assert pooled("shoe_tone seen", {"crops": DARK}) == DARK
    assert pooled("leg", {"legs": {"skin": 0.7, "trouser": 0.3}}) == {"skin": 0.7, "trouser": 0.3}


@pytest.mark.parametrize("fact", sorted(fact for fact, weights in WEIGHTS.items() if len(weights) > 2))
def test_sources_that_agree_stay_as_sure_while_one_is_silent(fact: str) -> None:
    everybody = pooled(fact, dict.fromkeys(WEIGHTS[fact], DARK))["dark"]
    for silent in WEIGHTS[fact]:
        others = pooled(fact, {source: DARK for source in WEIGHTS[fact] if source != silent})["dark"]
        assert min(0.7, everybody) - 0.01 <= others <= max(0.7, everybody) + 0.01, silent


def test_every_fact_of_several_crops_has_weights_for_each() -> None:
    assert {fact: set(weights) for fact, weights in WEIGHTS.items() if not fact.endswith(" seen")} == {
        fact: set(crops) for fact, crops in told_by().items() if len(crops) > 1
    }
    assert min(min(weights.values()) for weights in WEIGHTS.values()) >= 0.1  # whose word is not heard is not a source


def test_a_source_that_knows_nothing_takes_nothing_away() -> None:
    both = pooled("shoe_tone seen", {"crops": DARK, "colour": NOTHING})
    assert max(both, key=lambda value: both[value]) == "dark"
    assert both["dark"] == pytest.approx(DARK["dark"], abs=0.02)  # an average would be far lower


def test_sources_that_agree_are_surer_and_one_that_contradicts_less_sure() -> None:
    agreed = pooled("shoe_tone seen", {"crops": DARK, "colour": DARK})
    light = {"dark": 0.0, "mid": 0.0, "light": 1.0, "bright": 0.0}
    against = pooled("shoe_tone seen", {"crops": DARK, "colour": light})
    assert agreed["dark"] > DARK["dark"] > against["dark"]


def test_a_no_is_never_final() -> None:
    never, sure = {"n": 1.0, "y": 0.0}, {"n": 0.0, "y": 1.0}
    both = pooled("necklace", {"head": never, "torso": sure})
    assert min(both.values()) > 0.05


def test_a_source_may_be_heard_less() -> None:
    said = {"crops": {"leather": 0.6, "sneaker": 0.4}, "boxes": {"sneaker": 1.0}}
    full, faint = pooled("shoe seen", said), pooled("shoe seen", said, {"boxes": 0.1})
    assert full["sneaker"] > faint["sneaker"]


@pytest.mark.parametrize("fact", ["unheard of", *WEIGHTS])
def test_probabilities_add_up_to_one(fact: str) -> None:
    sources = WEIGHTS.get(fact, {"one": 1.0, "other": 1.0})
    assert sum(pooled(fact, dict.fromkeys(sources, DARK)).values()) == pytest.approx(1.0)


def test_without_weights_sources_count_alike() -> None:
    other = {"dark": 0.1, "mid": 0.2, "light": 0.7, "bright": 0.0}
    both = pooled("unheard of", {"one": DARK, "other": other})
    assert both["dark"] == pytest.approx(both["light"])
