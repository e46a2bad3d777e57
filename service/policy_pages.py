"""How a dress code is shown: as a table on the terminal, as a table of the documentation, clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date

from rich.table import Table

from models.figures import Figures
from service.texts import words
from vision.clauses import Clause
from vision.policy import Policy
from vision.policy_diff import Change
from vision.policy_words import decided, explain, needed, title, when
from vision.texts import compose, listed
from vision.types import Text

Measured = Mapping[str, Figures]
LISTED = ("clause", "text", "binds", "when", "by", "view", "weight", "points", "source")
DOCUMENTED = ("clause", "text", "source", "binds", "decided", "view", "precision", "recall", "unsure")


def say(text: Text, lang: str) -> str:
    """A text in a language, "zh" or "en"."""
    return text.zh if lang == "zh" else text.en


def word(code: str, lang: str) -> str:
    """A word of these pages."""
    found = words()[f"policy.{code}"]
    return found.zh if lang == "zh" else found.en


def clauses_of(policy: Policy, profile: str | None, day: Date) -> list[Clause]:
    """The clauses in force on a day, all of them or those of a profile."""
    found = (c for c in policy.effective(profile, day) if c.in_force(day))
    return [c for c in found if profile is None or profile in c.profiles]


def clause_table(policy: Policy, profile: str | None, day: Date, lang: str) -> Table:
    """The clauses for the terminal. Raises `PolicyError` for a profile that the policy does not know."""
    clauses = clauses_of(policy, profile, day)
    table = Table(title=heading(policy, profile, day, lang), title_justify="left", show_lines=True)
    for name in LISTED:
        table.add_column(word(name, lang), overflow="fold", no_wrap=name == "clause")
    for clause in clauses:
        cells = _cells(policy, clause, lang)
        table.add_row(*(cells[name] for name in LISTED))
    return table


def heading(policy: Policy, profile: str | None, day: Date, lang: str) -> str:
    """Which code is shown, of which version, day and profile."""
    name = policy.name.zh if lang == "zh" else policy.name.en
    whose = say(title(policy, profile), lang) if profile else word("all-profiles", lang)
    return word("heading", lang).format(name=name, version=policy.version_on(day), day=day.isoformat(), profile=whose)


def markdown(policy: Policy, profile: str | None, day: Date, lang: str, measured: Measured) -> str:
    """The clauses as a page of the documentation."""
    clauses = clauses_of(policy, profile, day)
    name = policy.name.zh if lang == "zh" else policy.name.en
    whose = say(title(policy, profile), lang) if profile else word("all-profiles", lang)
    lines = [f"# {name}", "", word("made-by", lang), ""]
    lines += [word("page", lang).format(version=policy.version_on(day), profile=whose, count=len(clauses)), ""]
    lines += [_line(word(name, lang) for name in DOCUMENTED), _line("---" for _ in DOCUMENTED)]
    for clause in clauses:
        cells = _cells(policy, clause, lang) | _figures(measured.get(clause.id))
        lines.append(_line(cells[name] for name in DOCUMENTED))
    data = sorted({f.data for f in measured.values() if f.data})
    lines += ["", word("measured-on", lang).format(data=", ".join(data) or "–"), ""]
    return "\n".join(lines)


def explained(
    policy: Policy, clause: Clause, profile: str, day: Date, lang: str, figures: Figures | None
) -> Iterable[tuple[str, list[str]]]:
    """The parts of an explanation, heading and lines, with what was measured."""
    for item in explain(policy, clause, profile, day):
        yield say(item.heading, lang), [say(line, lang) for line in item.lines]
    if clause.by == "vision":
        yield say(compose("explain.measured"), lang), [say(_measured(figures), lang)]


def changed(changes: Sequence[Change], lang: str) -> Iterable[tuple[str, list[str]]]:
    """The subjects that have changed, each with what has."""
    return ((say(change.subject, lang), [say(item, lang) for item in change.items]) for change in changes)


def _cells(policy: Policy, clause: Clause, lang: str) -> dict[str, str]:
    parts = {
        "by": say(compose(f"by.{clause.by}"), lang),
        "decided": _sentences(list(decided(policy, clause)), lang),
        "when": _sentences(list(when(policy, clause)), lang),
        "binds": say(compose(f"binds.{clause.binds}"), lang),
        "view": _sentences(list(needed(clause)), lang) if clause.look else "–",
        "weight": say(compose(f"severity.{clause.severity.value}"), lang),
    }
    text = clause.zh if lang == "zh" else clause.en
    points = f"{clause.points:g}" if clause.points else ""
    return parts | {"clause": clause.id, "text": text.strip(), "points": points, "source": clause.source}


def _sentences(parts: Sequence[Text], lang: str) -> str:
    return say(listed(parts, "list.sentences"), lang)


def _figures(figures: Figures | None) -> dict[str, str]:
    shares = {name: getattr(figures, name, None) for name in ("precision", "recall", "unsure")}
    return {name: "–" if share is None else f"{share:.2f}" for name, share in shares.items()}


def _measured(figures: Figures | None) -> Text:
    if figures is None:
        return compose("explain.unmeasured")
    shares = {n: "–" if (v := getattr(figures, n)) is None else f"{v:.2f}" for n in ("precision", "recall", "unsure")}
    return compose("explain.figures", fails=figures.fails, passes=figures.passes, data=figures.data, **shares)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
