"""What several networks, or a network and a measurement, say of the same fact, put together.

Their probabilities are multiplied, each raised to a weight (a logarithmic opinion pool: C. Genest and J. Zidek,
"Combining probability distributions", Statistical Science 1986). An average would be unsure wherever one of them is; a
product lets the surer one speak, and the weights hold back what they say in common.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from vision.types import Scores

FLOOR: Final = 0.005
"""Added to every probability: nobody's no is final."""

WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "ears": {"head": 0.81, "neck": 0.35},
        "beard": {"head": 0.45, "neck": 0.72},
        "glasses": {"head": 0.45, "neck": 0.81},
        "earrings": {"head": 0.42, "neck": 0.69},
        "necklace": {"head": 0.42, "torso": 0.21, "neck": 0.53},
        "upper": {"torso": 1.02, "neck": 0.29},
        "sleeve": {"torso": 0.81, "arms": 0.43},
        "tuck": {"torso": 0.52, "waist": 0.68},
        "front": {"torso": 0.94, "neck": 0.29},
        "belt": {"torso": 0.42, "waist": 0.74},
        "tie": {"torso": 0.41, "neck": 0.77},
        "wrist": {"torso": 0.32, "arms": 0.89},
        "tattoo": {"torso": 0.47, "arms": 0.61},
        "bare_midriff": {"torso": 0.41, "waist": 0.77},
        "cuff": {"legs": 0.57, "feet": 0.28, "shins": 0.41},
        "leg": {"legs": 0.34, "feet": 0.46, "shins": 0.41},
        "shoe": {"feet": 0.81, "shins": 0.41},
        "shoe_tone": {"feet": 0.8, "shins": 0.35},
        "shoe seen": {"crops": 1.04, "boxes": 0.11},
        "shoe_tone seen": {"crops": 1.0, "colour": 0.2},
        "bottom_tone seen": {"crops": 0.95, "colour": 0.25},
    }
)
"""By fact and source; "seen" stands for what the crops say together beside boxes or a measured colour.

They make the labels of the training people likeliest, given what networks say that did not learn from them. Those of
crops come from `models.training.pool_weights`, which tells the cross-entropies, too; those of boxes and colours were
fitted in the same way on every other picture, as the check sees it with these answers: cross-entropy 0.51 with the
boxes and 0.53 without, 0.33 and 0.35 with the shoes' colour, 0.43 and 0.47 with the lower garment's."""


def pooled(fact: str, said: Mapping[str, Scores], share: Mapping[str, float] | None = None) -> dict[str, float]:
    """The probabilities of a fact's values from those of its sources.

    One source alone is taken as it is: each is calibrated by itself. Where some of several are silent, the others'
    weights are scaled: they add up to 1 for one source, to the sum of all for all, to something between for some.

    Args:
        fact: its name; one without weights of its own weighs all sources alike, together as one.
        said: by source, the probability of every value. Must not be empty, nor name a source that the weights lack.
        share: by source, how far it is heard, 0 to 1; 1 for those that are not named. It is given to nobody else.
    """
    if len(said) == 1:
        return dict(next(iter(said.values())))
    weights = WEIGHTS.get(fact, dict.fromkeys(said, 1.0 / len(said)))
    scale = _sum(weights, len(said)) / sum(weights[source] for source in said)
    heard = {source: scale * weights[source] * (share or {}).get(source, 1.0) for source in said}
    return _product(said, heard)


def _sum(weights: Mapping[str, float], speaking: int) -> float:
    """What the weights of so many speaking sources add up to: 1 for one of them, the sum of all for all."""
    others = max(1, len(weights) - 1)
    return 1.0 + (sum(weights.values()) - 1.0) * (speaking - 1) / others


def _product(said: Mapping[str, Scores], weights: Mapping[str, float]) -> dict[str, float]:
    raw = dict.fromkeys(next(iter(said.values())), 1.0)
    for source, scores in said.items():
        for value in raw:
            raw[value] *= (scores.get(value, 0.0) + FLOOR) ** weights[source]
    total = sum(raw.values())
    return {value: score / total for value, score in raw.items()}
