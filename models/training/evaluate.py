"""What the check says of labelled pictures, against what the labels say: clause by clause.

The truth of a clause is that of ``truth.yaml``. Clauses that are not in it (the labels tell too little of them) are
measured by what the project's own rules make of the labels, taken as facts that are sure; they are listed, not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.training import elsewhere, scoring, street
from models.training.calibrate import TRADED, Aim, Fit, Said, fit
from models.training.errors import TrainingError
from models.training.out_of_fold import answers, has_answers
from models.training.scoring import Answer, Draws, Means, Row
from models.training.seen import NONE, Seen, Watch, see
from models.training.street import Picture
from models.training.truths import SUMMER, WINTER, criteria
from vision.config import Config
from vision.policy import Policy
from vision.rules import judge
from vision.types import Fact, Finding, Occasion, Outcome, Region, Threshold, Wearer
from vision.vocabulary import FACTS, REGIONS

OPEN = Threshold(0.0, 0.0)
"""With it every clause leans somewhere."""

PROFILE = "hall"


class _Open(dict[str, Threshold]):
    """The open threshold for every clause."""

    def get(self, key: str, default: object = None) -> Threshold:  # type: ignore[override]
        return OPEN


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The rows in the policy's order, their means, and the answers by clause that they were counted from."""

    rows: Sequence[Row]
    means: Means
    answers: Mapping[str, Sequence[Answer]]


def occasions(policy: Policy, profile: str = PROFILE) -> list[Occasion]:
    """The ways in which pictures are checked: a man in summer and winter, a woman in summer and winter."""
    return [policy.occasion(profile, w, d) for w in (Wearer.MAN, Wearer.WOMAN) for d in (SUMMER, WINTER)]


def label_facts(labels: Mapping[str, str]) -> dict[str, Fact]:
    """Labels as sure facts; what is unlabelled is unknown."""
    return {
        name: Fact(name, labels[name], 1.0, scores={v: float(v in labels[name].split("+")) for v in values})
        for name, values in FACTS.items()
        if values and name in labels
    }


def truth(policy: Policy, occasion: Occasion, labels: Mapping[str, str]) -> dict[str, Outcome]:
    """What each clause would be if the labels were seen."""
    places = {name: Region(name, True) for name in REGIONS}
    findings = judge(policy, occasion, places, label_facts(labels), {})
    return {f.clause: f.outcome for f in findings}


def expected(policy: Policy, labels: Mapping[str, str]) -> dict[str, tuple[Occasion, Outcome]]:
    """By clause, where the labels tell: how the check is run for it, and what is true (fail or pass).

    A picture counts once for a clause: on another occasion the same evidence mostly gives the same finding, and would
    only look like more pictures than there are.
    """
    table = criteria()
    told: dict[str, tuple[Occasion, Outcome]] = {}
    for clause, criterion in table.items():
        outcome = criterion.of(labels)
        if outcome is not None:
            told[clause] = policy.occasion(PROFILE, criterion.wearer, criterion.date), outcome
    for way in occasions(policy):
        for clause, outcome in truth(policy, way, labels).items():
            if clause not in table and outcome in (Outcome.FAIL, Outcome.PASS):
                told.setdefault(clause, (way, outcome))
    return told


def collect(
    policy: Policy, pictures: Sequence[Picture], seen: Mapping[str, Seen], thresholds: Mapping[str, Threshold] | None
) -> Iterator[tuple[str, str, Said]]:
    """(clause, picture, what was said) of every picture and clause whose truth is known.

    With `thresholds` what is said is what a user would get; None lets every clause lean somewhere, to calibrate. Of a
    picture in which nobody was seen every clause is unsure.
    """
    limits: Mapping[str, Threshold] = _Open() if thresholds is None else thresholds
    for picture in pictures:
        judged: dict[Occasion, dict[str, Finding]] = {}
        for clause, (way, true) in expected(policy, picture.labels).items():
            if way not in judged:
                judged[way] = _findings(policy, way, seen.get(picture.key), limits)
            finding = judged[way].get(clause)
            outcome, sure = (finding.outcome, finding.confidence) if finding else (Outcome.UNSURE, 0.0)
            yield clause, picture.key, Said(outcome, sure, true)


def _findings(
    policy: Policy, way: Occasion, seen: Seen | None, thresholds: Mapping[str, Threshold]
) -> dict[str, Finding]:
    if seen is None:
        return {}
    return {f.clause: f for f in judge(policy, way, seen.regions, seen.facts, thresholds)}


def evaluate(
    config: Config, policy: Policy, data: Path, watch: Watch = iter, cache: Path | None = None, part: str = "val"
) -> Evaluation:
    """Every clause on a part that is held out, with the weights folder's thresholds. Needs no train extra.

    `data` is the data folder, `cache` keeps what was seen of the pictures.

    Raises:
        TrainingError: `data` has no labelled pictures.
        WeightsError: networks or thresholds are missing.
    """
    from models.manifest import read_thresholds

    thresholds = read_thresholds(config.weights_dir)
    pictures = labelled(data, part)
    return scored(policy, pictures, see(config, policy, pictures, watch, cache), thresholds)


def scored(
    policy: Policy, pictures: Sequence[Picture], seen: Mapping[str, Seen], thresholds: Mapping[str, Threshold]
) -> Evaluation:
    """The evaluation of what was seen under some thresholds."""
    answers: dict[str, list[Answer]] = {}
    for clause, key, said in collect(policy, pictures, seen, thresholds):
        answers.setdefault(clause, []).append(Answer(key, said.true, said.leaning))
    draws, table = Draws(p.key for p in pictures), criteria()
    rows = [scoring.row(c, answers[c], draws, c in table) for c in _ids(policy) if c in answers]
    return Evaluation(rows, scoring.means(rows, answers, draws), answers)


def calibrate(
    config: Config,
    policy: Policy,
    data: Path,
    watch: Watch = iter,
    cache: Path | None = None,
    aim: Aim = TRADED,
    out_of_fold: Path | None = None,
) -> dict[str, Fit]:
    """Fits every clause's thresholds and writes the weights folder's ``thresholds.toml``.

    They are fitted on all pictures but those held out, street and violation photos, of which the attribute networks are
    taken to say what was answered out of fold: by their runs in the folder `out_of_fold`, or, of networks that have no
    run there, as it lies in the weights folder. Where neither is there at all, they are fitted on the calibration part
    of the street photos, and come out too trusting where the attribute networks learned from it.

    Raises:
        TrainingError: `data` has no labelled pictures, or an attribute network's answers are missing.
        WeightsError: networks are missing.
    """
    from models.training.publish import write_thresholds

    given = answers(config.weights_dir, out_of_fold) if out_of_fold or has_answers(config.weights_dir) else NONE
    pictures = labelled(data, *(("train", "calibration") if given else ("calibration",)))
    others = [p for p in elsewhere.of_part(data, "train") if p.key in given]
    pictures += others
    seen = see(config, policy, pictures, watch, cache, given)
    said: dict[str, list[tuple[int, Said]]] = {}
    for clause, key, answer in collect(policy, pictures, seen, None):
        said.setdefault(clause, []).append((street.sitting(key), answer))
    fits = {c: fit([a for _, a in said[c]], aim, [g for g, _ in said[c]]) for c in _ids(policy) if c in said}
    origin = "street photos but val, out of fold" if given else "street photos, calibration part"
    if others:
        origin = f"street photos but val and {len(others)} violation photos, out of fold"
    write_thresholds(config.weights_dir, fits, origin, str(aim))
    return fits


def _ids(policy: Policy) -> list[str]:
    return list(dict.fromkeys(c.id for c in policy.clauses))


def labelled(data: Path, *parts: str) -> list[Picture]:
    """The labelled pictures of some parts. Raises `TrainingError` where there are none.

    Those of the part `elsewhere` are violation photos, all others street photos.
    """
    folder = data / "street"
    if not (folder / "labels.csv").is_file():
        raise TrainingError(f"{folder / 'labels.csv'}: missing; --data names the folder that has street/")
    found = [p for p in street.pictures(folder) if p.part in parts]
    if elsewhere.ELSEWHERE in parts:
        found += elsewhere.of_part(data, elsewhere.ELSEWHERE)
    if not found:
        raise TrainingError(f"{data}: no labelled picture in the {' or '.join(parts)} part")
    return found
