"""What an arrival was before a change and after it, so that it can be told and taken back."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from service.store.tables import Arrival, FindingRow

Snapshot: TypeAlias = dict[str, Any]
PLAIN: Final = ("outcome", "state", "staff", "department", "identified_by", "note", "contested")
"""Of the arrival's columns those that a review can change."""
OF_FINDING: Final = ("outcome", "confidence", "because_of", "decision", "decided_by", "reason")


def snapshot(arrival: Arrival, with_row: bool = False) -> Snapshot:
    """What can change of an arrival; `with_row` also its detail, where it is about to be judged anew."""
    said: Snapshot = {name: getattr(arrival, name) for name in PLAIN}
    said["findings"] = {finding.clause: _of_finding(finding) for finding in arrival.findings}
    if with_row:
        said["row"] = base64.b85encode(arrival.detail.row).decode()
    return said


def differences(before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot]:
    """What differs, on both sides. A finding that is on one side only is None on the other."""
    names = [name for name in before if name != "findings" and before[name] != after[name]]
    one, other = ({name: said[name] for name in names} for said in (before, after))
    clauses = [*before["findings"], *(c for c in after["findings"] if c not in before["findings"])]
    moved = [clause for clause in clauses if before["findings"].get(clause) != after["findings"].get(clause)]
    if moved:
        one["findings"] = {clause: before["findings"].get(clause) for clause in moved}
        other["findings"] = {clause: after["findings"].get(clause) for clause in moved}
    return one, other


def restore(arrival: Arrival, said: Snapshot) -> None:
    """Makes an arrival what one side of `differences` says."""
    for name in PLAIN:
        if name in said:
            setattr(arrival, name, said[name])
    if "row" in said:
        arrival.detail.row = base64.b85decode(said["row"])
    there = {finding.clause: finding for finding in arrival.findings}
    for clause, values in said.get("findings", {}).items():
        if values is None:
            arrival.findings.remove(there[clause])
        else:
            _restore_finding(arrival, there.get(clause), clause, values)


def _restore_finding(arrival: Arrival, finding: FindingRow | None, clause: str, values: Mapping[str, Any]) -> None:
    if finding is None:
        finding = FindingRow(
            clause=clause, day=arrival.day, door=arrival.door, state=arrival.state, last_at=arrival.last_at
        )
        arrival.findings.append(finding)
    for name in OF_FINDING:
        setattr(finding, name, values[name])
    finding.decided_at = datetime.fromisoformat(values["decided_at"]) if values["decided_at"] else None


def _of_finding(finding: FindingRow) -> Snapshot:
    at = finding.decided_at
    return {name: getattr(finding, name) for name in OF_FINDING} | {"decided_at": at.isoformat() if at else None}
