"""Sums up a report folder in two lines: what was found, and which file to open."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path


def summary(out: Path) -> str:
    """The two lines for the report in `out`.

    Raises:
        FileNotFoundError: there is no ``report.jsonl`` in `out`.
    """
    lines = (out / "report.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    people = [person for row in rows for person in row["people"]]
    outcomes = Counter(person["outcome"] for person in people)
    failed = Counter(f["clause"] for p in people for f in p["findings"] if f["outcome"] == "fail")
    names = {"pass": "pass", "fail": "fail", "unsure": "unsure", "not-applicable": "visitor"}
    said = ", ".join(f"{outcomes[outcome]} {name}" for outcome, name in names.items() if outcomes[outcome])
    unread = sum(1 for row in rows if row.get("error"))
    most = ", ".join(f"{clause} ({count})" for clause, count in failed.most_common(3))
    parts = [f"{len(rows)} pictures, {len(people)} people: {said or 'nobody found'}"]
    parts += [f"{unread} with an error"] if unread else []
    parts += [f"most often failed: {most}"] if most else []
    return f"{'; '.join(parts)}.\nOpen {(out / 'report.html').resolve()}"


if __name__ == "__main__":
    print(summary(Path(sys.argv[1])))
