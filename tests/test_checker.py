"""The stages together, with eyes that need no network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date as Date
from typing import Any

import pytest

from models.attributes import SPECS
from tests.figures import NEAT, attributes, card, filled, person, texture, upright
from vision.checker import Checker, Timings, timed
from vision.config import packaged
from vision.facts import BARE, SOURCES
from vision.policy import Policy, load_policy
from vision.rules.judging import judge
from vision.types import (
    UNKNOWN,
    Box,
    Detection,
    Image,
    Looks,
    Occasion,
    Outcome,
    Person,
    PictureVerdict,
    Regions,
    Threshold,
    Verdict,
    Wearer,
)

POLICY: Policy = load_policy(packaged("dress_code.yaml"))
SUMMER, WINTER = Date(2026, 7, 15), Date(2026, 12, 15)
MAN = POLICY.occasion("hall", Wearer.MAN, SUMMER)
TROUSERS, BELT = Box(420, 560, 540, 980), Box(420, 530, 540, 550)
IMAGE = texture()
IMAGE[530:980, 420:540] = 25
NETWORKS = (*SPECS, "clothing", "footwear", "badge")
GIVES: dict[str, set[str]] = {
    **{crop: {n for n, source in SOURCES.items() if crop in source.crops} for crop in SPECS},
    "clothing": {"bag", "belt_tone", "hem_cm"},
    "footwear": set(),
    "badge": {"badge", "badge_tilt", "badge_drop"},
}
for crop in {crop for crops in BARE.values() for crop in crops}:
    GIVES[crop] |= {"bare"}
"""The facts that are unknown where this network threw; without footwear, shoes are told by the crops."""


@dataclass
class Eyes:
    """Sees the same of everybody; the networks in `broken` have thrown."""

    found: tuple[Person, ...] = (person(upright()),)
    worn: dict[str, str] = field(default_factory=lambda: dict(NEAT))
    badges: tuple[Detection, ...] = (card((480, 380)),)
    broken: tuple[str, ...] = ()
    hair: tuple[Detection, ...] = ()

    def people(self, image: Image) -> list[Person]:
        return list(self.found)

    def look(self, image: Image, person: Person, regions: Regions, timings: Timings) -> Looks:
        with timed(timings, "networks"):
            said: dict[str, Any] = attributes(self.worn, 0.99)
        said |= {name: {} for name in said if name in self.broken}
        garments = (filled(self.worn["bottom"], TROUSERS), filled("belt", BELT))
        shoes = (Detection(self.worn["shoe"], 0.95, Box(430, 1000, 470, 1060)),)
        return Looks(
            () if "clothing" in self.broken else (*garments, *self.hair),
            () if "footwear" in self.broken else shoes,
            () if "badge" in self.broken else self.badges,
            said,
            errors=dict.fromkeys(self.broken, "RuntimeError: lost"),
        )


def check(occasion: Occasion = MAN, image: Image = IMAGE, min_height: float = 0.0, **eyes: Any) -> PictureVerdict:
    return Checker(Eyes(**eyes), POLICY, {}, min_height).check(image, occasion)


def only(verdict: PictureVerdict) -> Verdict:
    (someone,) = verdict.people
    return someone


def outcomes(verdict: Verdict) -> dict[str, Outcome]:
    return {f.clause: f.outcome for f in verdict.findings}


def test_somebody_neat_passes() -> None:
    someone = only(check())
    assert someone.outcome is Outcome.PASS
    assert Outcome.FAIL not in outcomes(someone).values()
    assert sum(o is Outcome.PASS for o in outcomes(someone).values()) >= 10
    assert (someone.box, someone.confidence) == (person(None).box, 0.9)


@pytest.mark.parametrize(
    ("worn", "clause"),
    [
        ({"shoe": "slipper"}, "no-slippers"),
        ({"bottom": "shorts", "leg": "skin", "cuff": "na"}, "no-shorts"),
        ({"bare_midriff": "y"}, "no-bare-midriff"),
    ],
)
def test_somebody_else_fails(worn: dict[str, str], clause: str) -> None:
    someone = only(check(worn=NEAT | worn))
    assert someone.outcome is Outcome.FAIL
    assert outcomes(someone)[clause] is Outcome.FAIL


@pytest.mark.parametrize("wearer", list(Wearer))
@pytest.mark.parametrize("day", [SUMMER, WINTER])
@pytest.mark.parametrize("profile", list(POLICY.profiles))
def test_every_clause_that_is_assessed_has_one_finding(profile: str, day: Date, wearer: Wearer) -> None:
    someone = only(check(POLICY.occasion(profile, wearer, day)))
    expected = list(dict.fromkeys(c.id for c in POLICY.clauses if c.by in ("vision", "review")))
    assert [f.clause for f in someone.findings] == expected
    reviewed = {c.id for c in POLICY.clauses if c.by == "review"}
    assert {o for c, o in outcomes(someone).items() if c in reviewed} <= {Outcome.REVIEW, Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_that_throws_never_ends_in_a_pass(network: str) -> None:
    someone = only(check(broken=(network,)))
    assert someone.outcome is Outcome.UNSURE
    assert {name for name, f in someone.facts.items() if f.value == UNKNOWN} >= GIVES[network]
    before = outcomes(only(check()))
    for clause in POLICY.assessed(SUMMER):
        facts = {name for name, _ in clause.test.reads()} if clause.by == "vision" else set()
        if facts and facts <= GIVES[network] and before[clause.id] is not Outcome.NOT_APPLICABLE:
            assert outcomes(someone)[clause.id] is Outcome.UNSURE, clause.id


def test_all_networks_broken() -> None:
    someone = only(check(broken=NETWORKS))
    assert someone.outcome is Outcome.UNSURE
    assert not {Outcome.PASS, Outcome.FAIL} & set(outcomes(someone).values())


def test_a_broken_network_does_not_hide_what_another_saw() -> None:
    someone = only(check(broken=("head",), badges=()))
    assert someone.outcome is Outcome.FAIL
    assert outcomes(someone)["badge-worn"] is Outcome.FAIL


def test_no_pose_is_unsure() -> None:
    someone = only(check(found=(person(None),)))
    assert someone.outcome is Outcome.UNSURE
    assert not {Outcome.PASS, Outcome.FAIL} & set(outcomes(someone).values())


def test_feet_out_of_the_picture() -> None:
    whole, cut = only(check()), only(check(image=IMAGE[:880]))
    assert cut.outcome is Outcome.UNSURE
    lost = {c for c, o in outcomes(cut).items() if o is Outcome.UNSURE} - {
        c for c, o in outcomes(whole).items() if o is Outcome.UNSURE
    }
    clauses = POLICY.assessed(SUMMER)
    assert lost >= {"no-slippers", "leather-shoes"}
    above = {c.id for c in clauses if not c.when and set(c.look) <= {"head", "face", "ears", "neck", "chest", "torso"}}
    assert "badge-worn" in above
    assert not above & lost


def test_a_coat_on_a_hanger_is_nobody() -> None:
    assert check(worn=NEAT | {"somebody": "n"}).people == ()


@pytest.mark.parametrize("broken", [("head",), ("head", "clothing")])
def test_whom_the_head_network_could_not_look_at_is_not_passed_over(broken: tuple[str, ...]) -> None:
    assert only(check(worn=NEAT | {"somebody": "n"}, broken=broken)).outcome is not Outcome.PASS


def test_who_is_seen_from_behind_is_somebody_by_their_hair() -> None:
    assert (
        len(check(worn=NEAT | {"somebody": "n"}, hair=(Detection("hair", 0.2, Box(400, 100, 500, 200)),)).people) == 1
    )


def test_whose_head_is_out_of_the_picture_is_not_passed_over() -> None:
    headless = person(upright(y=-150))
    assert len(check(worn=NEAT | {"somebody": "n"}, found=(headless,)).people) == 1


def test_an_empty_picture() -> None:
    verdict = check(found=())
    assert verdict.people == ()
    assert (verdict.width, verdict.height, verdict.occasion) == (960, 1160, MAN)


def test_small_people_are_passed_over() -> None:
    near, far = person(upright()), person(upright(0.2), 0.2)
    both = check(found=(near, far))
    assert [p.box for p in both.people] == [near.box, far.box]
    assert [p.box for p in check(found=(near, far), min_height=100).people] == [near.box]
    assert check(found=(far,), min_height=far.box.height).people  # the limit itself is enough


def test_the_person_detectors_errors_are_raised() -> None:
    class Blind(Eyes):
        def people(self, image: Image) -> list[Person]:
            raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        Checker(Blind(), POLICY, {}).check(IMAGE, MAN)


def test_timings_add_up_over_people() -> None:
    spent: Timings = {"people": 5.0}
    eyes = Eyes(found=(person(upright()), person(upright())))
    Checker(eyes, POLICY, {}).check(IMAGE, MAN, spent)
    assert set(spent) == {"people", "regions", "look", "facts", "rules", "networks"}
    assert spent.pop("people") > 5
    assert all(0 < seconds < 5 for seconds in spent.values())


def test_a_stage_that_throws_is_timed_too() -> None:
    spent: Timings = {}
    with pytest.raises(ValueError, match="no"), timed(spent, "stage"):
        raise ValueError("no")
    assert spent["stage"] >= 0


@pytest.mark.parametrize("wearer", list(Wearer))
def test_stored_facts_are_judged_as_the_picture_was(wearer: Wearer) -> None:
    checker = Checker(Eyes(worn=NEAT | {"shoe": "sneaker"}), POLICY, {})
    occasion = POLICY.occasion("hall", wearer, SUMMER)
    seen = only(checker.check(IMAGE, occasion))
    assert checker.judged(occasion, seen.regions, seen.facts) == (seen.outcome, seen.findings)
    other = POLICY.occasion("formal", Wearer.WOMAN, WINTER)
    again = only(checker.check(IMAGE, other))
    assert checker.judged(other, seen.regions, seen.facts) == (again.outcome, again.findings)


def test_thresholds_reach_the_rules() -> None:
    never = {c.id: Threshold(1.01, 1.01) for c in POLICY.clauses}
    someone = only(Checker(Eyes(), POLICY, never).check(IMAGE, MAN))
    assert Outcome.PASS not in {f.outcome for f in someone.findings if f.clause == "badge-worn"}
    assert someone.findings == judge(POLICY, MAN, someone.regions, someone.facts, never)
