"""The part of a model card that ``calibrate`` writes: the clauses that the network serves, and their thresholds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from models.attributes import SPECS
from models.manifest import read_toml
from vision.facts import BARE, SOURCES
from vision.policy import Policy

TITLE: Final = "## Clauses that read it"
FAILURES: Final = "## Known failures"
EXPLAINED: Final = (
    "Fail and pass are said from these probabilities on. Figures are out of fold, in brackets the lower "
    "90 % bound and how many were said; fitted on {data}. What is said from 1.01 on is never said."
)
ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "footwear": ("shoe",),
    "clothing": ("shoe_tone", "bottom_tone", "belt_tone", "hem_cm", "bag"),
    "badge": ("badge", "badge_tilt"),
}
"""The facts that come, in whole or in part, from the networks that are not attribute networks."""

MADE_OF: Final[Mapping[str, set[str]]] = {"sock_tone": {"leg"}}
"""Facts that `vision.facts` makes of what the crop says that also gives these."""


def facts_of(network: str) -> set[str]:
    """The facts that a network has a say in."""
    found = {name for name, source in SOURCES.items() if network in source.crops}
    found |= {"bare"} if any(network in crops for crops in BARE.values()) else set()
    return found | {made for made, of in MADE_OF.items() if of & found} | set(ELSEWHERE.get(network, ()))


def networks_of(policy: Policy, ids: Collection[str]) -> list[str]:
    """The attribute networks that have a say in these clauses, by their rules or their conditions."""
    clauses = [c for c in policy.every_version() if c.id in ids and c.by == "vision"]
    asked = {policy.conditions[name].fact for c in clauses for name in (*c.when, *c.hidden_by, *c.test.uses())}
    asked |= {name for c in clauses for name, _ in c.test.reads()}
    return [network for network in SPECS if facts_of(network) & asked]


def write_clauses(cards: Path, policy: Policy, thresholds: Path) -> list[Path]:
    """Puts the clauses' table into every card in the folder `cards` that has any; returns the cards.

    `thresholds` is ``thresholds.toml``. An earlier table is replaced; a card without one gets it before its known
    failures.
    """
    tables = read_toml(thresholds)
    written = []
    for card in sorted(cards.glob("*.md")):
        mine = _read_by(card.stem, policy, tables)
        if mine:
            section = _section([_row(clause, tables[clause]) for clause in mine], _origins(tables[c] for c in mine))
            card.write_text(placed(card.read_text(encoding="utf-8"), section), encoding="utf-8")
            written.append(card)
    return written


def placed(card: str, section: str, title: str = TITLE, following: Sequence[str] = (FAILURES,)) -> str:
    """A card with the section of this title in place of its earlier one: before the first that it has of the
    `following` titles, else at the end."""
    kept = re.sub(rf"^{re.escape(title)}\n.*?(?=^## |\Z)", "", card, flags=re.DOTALL | re.MULTILINE)
    mark = next((title for title in following if f"\n{title}\n" in kept), None)
    if mark is None:
        return f"{kept.rstrip()}\n\n{section}"
    before, _, after = kept.partition(f"\n{mark}\n")
    return f"{before}\n{section}\n{mark}\n{after}"


def _read_by(network: str, policy: Policy, tables: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The clauses with a table whose rules read what the network says."""
    own = facts_of(network)
    ids = dict.fromkeys(c.id for c in policy.clauses if c.by == "vision" and c.id in tables)
    reads = {i: {n for c in policy.every_version() if c.id == i for n, _ in c.test.reads()} for i in ids}
    return [clause for clause in ids if reads[clause] & own]


def _row(clause: str, table: Mapping[str, Any]) -> str:
    precision = _share(table, "precision", "precision_low", "told")
    cleared = _share(table, "clear_precision", "clear_low", "cleared")
    figures = (f"{table['fails']}/{table['passes']}", f"{table['fail']:.2f}", precision, _plain(table.get("recall")))
    return "| " + " | ".join([clause, *figures, f"{table['clear']:.2f}", cleared, _plain(table.get("unsure"))]) + " |"


def _share(table: Mapping[str, Any], share: str, low: str, count: str) -> str:
    return f"{table[share]:.2f} [{table[low]:.2f}, {table[count]}]" if share in table else "–"


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _origins(tables: Iterable[Mapping[str, Any]]) -> str:
    """What the thresholds were fitted on."""
    return " and ".join(sorted({table["data"] for table in tables if "data" in table})) or "unknown pictures"


def _section(rows: list[str], data: str) -> str:
    head = "| clause | fails/passes | fail from | precision | recall | pass from | precision of passes | unsure |"
    return (
        "\n".join([TITLE, "", EXPLAINED.format(data=data), "", head, "|---|---|---|---|---|---|---|---|", *rows]) + "\n"
    )
