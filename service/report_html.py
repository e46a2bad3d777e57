"""``report.html``: one file with everything in it, for people to go through the pictures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from service.gallery import SHOWN, box_key, load_small
from service.report import Row, count_outcomes, nested, picture_outcome, text_row
from service.texts import Words, text, words
from vision.pictures import write_whole
from vision.policy import Policy

TEMPLATES: Final = Path(__file__).parent / "templates"
PREFIX: Final = "report."


def write_html(path: Path, rows: Iterable[Row], policy: Policy) -> None:
    """Writes the gallery of a report's rows; small pictures come from the ``.gallery`` folder beside it."""
    page = Page(list(rows), policy, path.parent)
    write_whole(path, page.render().encode("utf-8", "replace"))


class Page:
    """What the template shows. `cards` are for the overview, `data` is what the detail view reads."""

    def __init__(self, rows: Sequence[Row], policy: Policy, out: Path) -> None:
        self.rows, self.policy, self.out = rows, policy, out
        self._texts: dict[Words, int] = {}

    def render(self) -> str:
        """The whole page."""
        cards = [self._card(number, row) for number, row in enumerate(self.rows)]
        pictures = [self._picture(number, row) for number, row in enumerate(self.rows)]
        data = {
            "words": {code.removeprefix(PREFIX): text for code, text in words().items() if code.startswith(PREFIX)},
            "clauses": {c.id: self._clause(c.id) for c in self.policy.assessed(self._day, self._profile)},
            "profiles": {name: [p.title.zh, p.title.en] for name, p in self.policy.profiles.items()},
            "texts": list(self._texts),
            "pictures": pictures,
        }
        return _template().render(
            cards=cards,
            counts=count_outcomes(self.rows),
            people=sum(len(row["people"]) for row in self.rows),
            clauses=self._clause_counts(),
            policy=self.policy,
            version=self.policy.version_on(self._day),
            day=self._day.isoformat(),
            data=_embedded(data),
        )

    @cached_property
    def _day(self) -> Date:
        days = [row["policy"]["date"] for row in self.rows]
        return Date.fromisoformat(max(days)) if days else Date.today()

    @cached_property
    def _profile(self) -> str | None:
        """The profile that all rows were judged by, if it is one."""
        names = {row["policy"]["profile"] for row in self.rows}
        return next(iter(names)) if len(names) == 1 else None

    def _card(self, number: int, row: Row) -> dict[str, Any]:
        findings = [f for person in row["people"] for f in nested(person["findings"])]
        fails = {f["clause"]: f["because_of"] for f in findings if f["outcome"] == "fail"}
        marks = sorted({f"{f['clause']}:{f['outcome']}" for f in findings if f["outcome"] in SHOWN})
        return {
            "number": number,
            "name": row["image"],
            "short": Path(row["image"]).name,
            "staff": row.get("staff"),
            "outcome": picture_outcome(row),
            "error": row["error"],
            "thumbnail": self._small[number]["thumbnail"],
            "fails": [(self.policy.clause(clause, self._day), origin) for clause, origin in fails.items()],
            "visit": _visit(row),
            "notes": [*_times(row), *row.get("notes", ())],
            "unsure": sum(f["outcome"] == "unsure" for f in findings),
            "review": sum(f["outcome"] == "review" for f in findings),
            "marks": " ".join(marks),
        }

    @cached_property
    def _small(self) -> list[dict[str, Any]]:
        return [load_small(self.out, row["image"]) for row in self.rows]

    def _picture(self, number: int, row: Row) -> dict[str, Any]:
        annotated = row.get("annotated")
        return {
            "name": row["image"],
            "outcome": picture_outcome(row),
            "error": row["error"],
            "size": [row["width"], row["height"]],
            "staff": row.get("staff"),
            "visit": _visit(row),
            "notes": [self._text(note) for note in (*_times(row), *row.get("notes", ()))],
            "policy": row["policy"],
            "annotated": quote(annotated, errors="surrogateescape") if annotated else None,
            "crops": self._small[number]["crops"],
            "people": [self._person(person) for person in row["people"]],
        }

    def _person(self, person: Mapping[str, Any]) -> dict[str, Any]:
        findings = [self._finding(finding) for finding in nested(person["findings"])]
        return {"box": person["box"], "outcome": person["outcome"], "findings": findings}

    def _finding(self, finding: Mapping[str, Any]) -> list[Any]:
        """Clause, outcome, confidence, reason, action, because of, box, crop: a list, since there are thousands."""
        action, box = finding["action"], finding["box"]
        return [
            finding["clause"],
            finding["outcome"],
            round(finding["confidence"], 2),
            self._text(finding["reason"]),
            self._text(action) if action else None,
            finding["because_of"],
            box,
            box_key(box) if box else None,
        ]

    def _text(self, text: Mapping[str, str]) -> int:
        return self._texts.setdefault(Words(text["zh"], text["en"]), len(self._texts))

    def _clause(self, clause_id: str) -> dict[str, Any]:
        clause = self.policy.clause(clause_id, self._day, self._profile)
        return {"zh": clause.zh, "en": clause.en, "source": clause.source, "severity": clause.severity.value}

    def _clause_counts(self) -> list[dict[str, Any]]:
        """The clauses with how many people have which outcome, most fails first."""
        people = [person for row in self.rows for person in row["people"]]
        counts = Counter((f["clause"], f["outcome"]) for person in people for f in person["findings"])
        lines = [
            {"clause": c, **{o: counts[c.id, o] for o in ("fail", "unsure", "review", "pass")}}
            for c in self.policy.assessed(self._day, self._profile)
        ]
        return sorted(lines, key=lambda line: (-line["fail"], -line["unsure"]))


def _visit(row: Row) -> list[str]:
    """The codes of what is known of a visitor; none of staff."""
    words = {True: "yes", False: "no", None: "unknown"}
    return [f"{key}.{words[value]}" for key, value in (row.get("visitor") or {}).items()]


def _times(row: Row) -> list[Row]:
    """When somebody was in a video; nothing of a picture."""
    video = row.get("video") or {}
    if video.get("first") is None:
        return []
    return [text_row(text("report.at", first=f"{video['first']:.1f}", last=f"{video['last']:.1f}"))]


@lru_cache
def _template() -> Template:
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.globals["words"] = words()
    return environment.get_template("report.html.jinja")


def _embedded(data: object) -> Markup:
    """JSON that may stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028"))
