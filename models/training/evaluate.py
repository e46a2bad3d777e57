"""What the check says of labelled pictures, against what the labels say: clause by clause.

The truth of a clause is that of ``truth.yaml``. Clauses that are not in it (the labels tell too little of them) are
measured by what the project's own rules make of the labels, taken as facts that are sure; they are listed, not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.attributes import SPECS
from models.training import elsewhere, scoring, street
from models.training.calibrate import TRADED, Aim, Fit, Said, fit
from models.training.errors import TrainingError
from models.training.out_of_fold import Answers, answers, has_answers
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
    given: Answers = NONE,
    only: Collection[str] = (),
) -> dict[str, Fit]:
    """Fits every clause's thresholds, or those of `only` some, and writes the weights folder's ``thresholds.toml``.

    They are fitted on the street and violation photos of which there are answers out of fold (`stand_ins`): these are
    taken for what the attribute networks say. Without any they are fitted on the calibration part of the street photos,
    and come out too trusting where the networks learned from it.

    Raises:
        TrainingError: `data` has no labelled pictures.
        WeightsError: networks are missing.
    """
    from models.manifest import read_toml
    from models.training.publish import write_thresholds

    pictures, others = labelled(data, "calibration"), list[Picture]()
    if given:
        pictures = [p for p in labelled(data, "train", "calibration") if p.key in given]
        others = [p for p in elsewhere.of_part(data, "train") if p.key in given]
    pictures += others
    seen = see(config, policy, pictures, watch, cache, given)
    said: dict[str, list[tuple[int, Said]]] = {}
    for clause, key, answer in collect(policy, pictures, seen, None):
        said.setdefault(clause, []).append((street.sitting(key), answer))
    asked = [c for c in _ids(policy) if c in said and (not only or c in only)]
    fits = {c: fit([a for _, a in said[c]], aim, [g for g, _ in said[c]]) for c in asked}
    origin = "street photos but val, out of fold" if given else "street photos, calibration part"
    if others:
        origin = f"street photos but val and {len(others)} violation photos, out of fold"
    kept = read_toml(config.weights_dir / "thresholds.toml") if only else {}
    write_thresholds(config.weights_dir, fits, origin, str(aim), kept)
    return fits


def stand_ins(config: Config, data: Path, runs: Path | None = None, networks: Collection[str] | None = None) -> Answers:
    """What attribute networks' teachers answered out of fold of a data folder's pictures.

    Answers are those of runs in the folder `runs`, or, of networks that have no run there, what lies beside the
    networks. Of all networks it is nothing where no runs are named and some of it does not lie there, or what lies
    there is of other data than this; with `runs`, or of some `networks`, that is an error.

    Raises:
        TrainingError: an attribute network's answers are missing, or `data` has hardly any picture that they are of.
    """
    must = runs is not None or networks is not None
    if not must and not has_answers(config.weights_dir):
        return NONE
    given = answers(config.weights_dir, runs, networks or tuple(SPECS))
    learned = labelled(data, "train", "calibration")
    if 2 * sum(p.key in given for p in learned) > max(len(learned), len(given) // 2):
        return given
    if must:
        raise TrainingError(f"{data}: other pictures than those that were answered out of fold")
    return NONE


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
