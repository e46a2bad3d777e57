"""Findings that follow from others, such as long-dark-trousers from no-shorts: which, and how they are ordered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from vision.types import Finding, Outcome


def with_origins(findings: Sequence[Finding], follows: Mapping[str, Sequence[str]]) -> tuple[Finding, ...]:
    """Each failing finding with the first failing clause that it follows from.

    `follows` names, by clause, those that it may follow from, the likeliest origin first.
    """
    failing = {f.clause for f in findings if f.outcome is Outcome.FAIL}

    def origin(clause: str) -> str | None:
        return next((c for c in follows[clause] if c in failing), None)

    return tuple(replace(f, because_of=origin(f.clause)) if f.clause in failing else f for f in findings)


def below_origins(origins: Mapping[str, str | None]) -> Iterator[str]:
    """The clauses in their order, but each that follows from another right after that one and what follows from it.

    `origins` has the clause that each one follows from; one that is not there itself, or in a circle, is none.
    """
    roots = [clause for clause, origin in origins.items() if origin not in origins]
    yield from dict.fromkeys((*(c for root in roots for c in _branch(root, origins)), *origins))


def _branch(clause: str, origins: Mapping[str, str | None]) -> Iterator[str]:
    yield clause
    for follower, origin in origins.items():
        if origin == clause:
            yield from _branch(follower, origins)
