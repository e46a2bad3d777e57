"""What the commands on keeping say, in both languages."""

from __future__ import annotations

from service.store.retention import Purged
from service.store.stats import Stats
from service.texts import text


def say_both(code: str, /, **params: str | float) -> str:
    """A sentence in Chinese and in English, a line each."""
    said = text(code, **params)
    return f"{said.zh}\n{said.en}"


def purged_lines(done: Purged) -> list[str]:
    """What a purge deleted, or would delete."""
    lines = [say_both("keeping.would-go" if done.dry_run else "keeping.went")]
    for outcome, gone in done.pictures.items():
        size = f"{gone.size / 1e6:.1f}"
        lines.append(
            say_both("keeping.pictures-of", outcome=outcome, arrivals=gone.arrivals, pictures=gone.pictures, size=size)
        )
    lines += [say_both("keeping.rows-of", outcome=outcome, rows=count) for outcome, count in done.rows.items()]
    swept = done.orphans
    if swept.folders or swept.files or swept.parts:
        lines.append(say_both("keeping.orphans", folders=swept.folders, files=swept.files, parts=swept.parts))
    return lines if done.anything else [say_both("keeping.nothing-over")]


def stats_lines(found: Stats) -> list[str]:
    """How much is kept."""
    outcomes = ", ".join(f"{outcome} {count}" for outcome, count in sorted(found.arrivals.items())) or "-"
    days = [
        f"{at:%Y-%m-%d %H:%M} UTC" if at else "-" for at in (found.first_at, found.last_at, found.oldest_picture_at)
    ]
    return [
        say_both("keeping.stats-arrivals", outcomes=outcomes, first=days[0], last=days[1], aged=found.pseudonymous),
        say_both(
            "keeping.stats-pictures", pictures=found.pictures, size=f"{found.picture_bytes / 1e6:.1f}", oldest=days[2],
            bare=found.unblurred,
        ),
        say_both(
            "keeping.stats-spool", spooled=found.spooled, damaged=found.damaged, free=f"{found.free_bytes / 1e9:.1f}"
        ),
    ]  # fmt: skip
