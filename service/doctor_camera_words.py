"""What ``dresscode doctor --camera`` says, in both languages, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from service.door.placing import placing
from service.door.state import CameraState
from service.texts import text
from vision.clauses import Clause
from vision.regions import FINE_SHARP, SHARP, VIEWS
from vision.texts import compose
from vision.types import Text

if TYPE_CHECKING:
    from service.doctor_camera import Sample

SHOWN: Final = ("head", "face", "chest", "hands", "legs", "feet", "body")
"""Regions whose pixels are told; the others lie between them."""
LOW: Final = 720
"""Pixels of the picture's shorter side below which far less than a whole person can be seen well."""
SLOW: Final = 8.0
"""Frames a second below which standing still is noticed late."""
DIM, BRIGHT = 50.0, 205.0
"""Mean grey of a picture outside of which the light is worth a look; set by hand. What can't be read is told region by
region, by `vision.regions`."""
SIGNS: Final = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "bad": "[bold red]bad[/]"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing found: `state` is ok, note, or bad."""

    state: str
    said: Text


def lines(sample: Sample) -> Iterator[Line]:
    """What is found of the picture and of the person in it."""
    if sample.fault:
        yield Line("bad", sample.fault)
        return
    good = sample.state is CameraState.OK
    yield Line("ok" if good else "bad", text(f"camera.state.{sample.state}"))
    if not sample.frames:
        return
    low = min(sample.width, sample.height) < LOW
    yield Line("note" if low else "ok", text("camera.size", width=sample.width, height=sample.height))
    if sample.fps is not None:
        yield Line("note" if sample.fps < SLOW else "ok", text("camera.fps", fps=round(sample.fps, 1), least=SLOW))
    lit = DIM <= sample.light <= BRIGHT
    yield Line("ok" if lit else "note", text("camera.light", light=round(sample.light), dim=DIM, bright=BRIGHT))
    if sample.best is None:
        yield Line("bad", text("camera.nobody"))
        return
    sharp = sample.best.sight.sharp
    state = "ok" if sharp >= FINE_SHARP else "note" if sharp >= SHARP else "bad"
    yield Line(state, text("camera.sharp", sharp=round(sharp, 1), least=SHARP, fine=FINE_SHARP))
    yield _person(sample)
    if sample.people > 1:
        yield Line("note", text("camera.people", people=sample.people))
    yield from _regions(sample)


def _person(sample: Sample) -> Line:
    assert sample.best is not None
    tall, cut = round(sample.best.person.box.height), sample.best.sight.cut
    share = round(100 * tall / sample.height)
    return Line("bad" if cut else "ok", text("camera.cut" if cut else "camera.person", pixels=tall, share=share))


def _regions(sample: Sample) -> Iterator[Line]:
    if sample.look is None:
        return
    for name in SHOWN:
        region = sample.look.regions[name]
        pixels = round(min(region.box.width, region.box.height)) if region.box else 0
        said = {"region": compose(f"region.{name}"), "pixels": pixels, "needed": round(VIEWS[name].pixels)}
        if region.visible:
            yield Line("ok", _both("camera.region", said))
        else:
            yield Line("bad", _both("camera.region-not", {**said, "cause": compose(f"cause.{region.cause}")}))


def _both(code: str, params: Mapping[str, Any]) -> Text:
    """A sentence around words that stand in both languages already."""
    zh, en = (
        {name: getattr(value, language) if isinstance(value, Text) else value for name, value in params.items()}
        for language in ("zh", "en")
    )
    return Text(code, text(code, **zh).zh, text(code, **en).en)


def healthy(found: list[Line], place: Mapping[str, Any] | None) -> bool:
    """Whether the camera hangs well: the picture is sound, somebody was seen, and every clause can be decided."""
    return place is not None and not place["cannot"] and found[0].state == "ok"


def show_json(sample: Sample, clauses: tuple[Clause, ...]) -> int:
    """Prints it for machines; gives the exit status."""
    found, place = list(lines(sample)), placing(sample.look, clauses) if sample.look else None
    best = sample.best
    said = {
        "camera": sample.name, "healthy": healthy(found, place), "state": str(sample.state), "frames": sample.frames,
        "width": sample.width, "height": sample.height, "fps": sample.fps and round(sample.fps, 2),
        "light": round(sample.light, 1), "sharpness": round(best.sight.sharp if best else sample.sharp, 1),
        "people": sample.people, "person_pixels": best and round(best.person.box.height),
        "findings": [
            {"code": line.said.code, "state": line.state, "zh": line.said.zh, "en": line.said.en} for line in found
        ],
        "placing": place,
    }  # fmt: skip
    print(json.dumps(said, indent=2, ensure_ascii=False))
    return 0 if said["healthy"] else 1


def show(sample: Sample, clauses: tuple[Clause, ...]) -> int:
    """Prints it for people; gives the exit status."""
    console = Console(highlight=False)
    if sample.fault:
        console.print(f"{SIGNS['bad']}  {escape(sample.fault.zh)}\n     {escape(sample.fault.en)}", soft_wrap=True)
        return 1
    found, place = list(lines(sample)), placing(sample.look, clauses) if sample.look else None
    table = Table("", Column(overflow="fold"), box=None, show_header=False, padding=(0, 2, 0, 0))
    for line in found:
        table.add_row(SIGNS[line.state], f"{escape(line.said.zh)}\n{escape(line.said.en)}")
    console.print(table)
    if place is not None:
        _show_clauses(console, place)
    good = healthy(found, place)
    last = text("camera.good" if good else "camera.not-good")
    console.print(f"{last.zh}\n{last.en}", style=None if good else "bold red")
    return 0 if good else 1


def _show_clauses(console: Console, place: Mapping[str, Any]) -> None:
    for title, clauses in (("camera.can", place["can"]), ("camera.cannot", place["cannot"])):
        if not clauses:
            continue
        said = text(title, count=len(clauses))
        console.print(f"\n[bold]{said.zh} / {said.en}[/]")
        for clause in clauses:
            console.print(f"  {clause['clause']}: {escape(clause['zh'])} / {escape(clause['en'])}", soft_wrap=True)
            if clause["why"]:
                console.print(f"    [yellow]{escape(clause['why']['zh'])} / {escape(clause['why']['en'])}[/]")
    console.print()
