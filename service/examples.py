"""What ``dresscode examples`` does: from a folder of pictures to an example set, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from service.cli_shared import say
from service.texts import words
from vision import texts
from vision.config import load_config
from vision.errors import ExamplesError
from vision.example_limits import Share, limits
from vision.example_sets import LEAST, ExampleSet, known_kind, load, load_all, path_of, save
from vision.likeness import FAIL, PASS, Floats, Space, left_out
from vision.logo_files import read_logo
from vision.logos import FEW, LEAST_WIDTH, SURE, Logo, Mark, usual
from vision.pictures import Found, find_pictures
from vision.types import Cause

if TYPE_CHECKING:
    from models.example_pictures import Refused, Usable


class Language(str, Enum):
    """The languages of the catalogues."""

    ZH = "zh"
    EN = "en"


def add_examples(
    kind: str,
    folder: Path,
    others: Path | None,
    config_file: Path | None,
    language: Language,
    logo_file: Path | None = None,
) -> None:
    """Learns a kind from the pictures of a folder and says how many were usable, and how well they tell.

    Raises:
        ExamplesError: there is no such kind, too few pictures are usable, or the logo is not found on them; earlier
            examples then stay.
        WeightsError: the networks are not complete.
    """
    from models.example_pictures import ExampleReader

    known_kind(kind)
    if logo_file and kind != "uniform":
        raise ExamplesError(f"--logo goes with uniform; {kind} has no logo of its own")
    logo = read_logo(logo_file) if logo_file else None
    pictures, strangers = _pictures(folder), _pictures(others) if others else []
    config = load_config(config_file)
    reader = ExampleReader(config)
    space = reader.spaces[kind]
    usable, refused = _sorted(reader.read(kind, pictures, logo=logo))
    _show_refused(refused, language)
    if len(usable) < LEAST:
        raise ExamplesError(_say("examples.too-few", Language.EN, n=len(usable), of=len(pictures), least=LEAST))
    more, unusable = _sorted(reader.read(kind, strangers, logo=logo))
    _show_refused(unusable, language)
    made = learned(kind, space, _points(usable), _points(more) if more else None)
    made = replace(made, mark=marked(logo, usable, more)) if logo else made
    path = save(config.examples_dir, made)
    say(_say("examples.usable", language, n=len(usable), of=len(pictures), kind=_kind(kind, language)))
    for name in odd(made, [u.name for u in usable], space):
        say(_say("examples.odd", language, name=name))
    _show(made, language)
    say(_say("examples.kept", language, path=str(path)))


def learned(kind: str, space: Space, points: Floats, more: Floats | None = None) -> ExampleSet:
    """The example set of points (k, m); `more` (n, m) are other people's things beside the packaged ones."""
    others = space.others if more is None else np.concatenate([space.others, more])
    scale, measured = limits(points, space, others)
    return ExampleSet(kind, space.key, points, scale, measured, datetime.now(timezone.utc))


def marked(logo: Logo, usable: Sequence[Usable], others: Sequence[Usable]) -> Mark:
    """The uniform's logo with its usual place. Raises `ExamplesError` where too few examples surely show it."""
    matches, strangers = ([u.logo for u in group if u.logo] for group in (usable, others))
    place, sure = usual(matches), sum(m.score >= SURE for m in matches)
    if place is None:
        raise ExamplesError(_say("examples.no-logo", Language.EN, n=sure, of=len(usable), least=FEW))
    return Mark(logo, place, Share(sure, len(usable)), Share(sum(m.score >= SURE for m in strangers), len(others)))


def odd(examples: ExampleSet, names: Sequence[str], space: Space) -> list[str]:
    """The names of examples that are unlike all the others: perhaps they show something else."""
    own = left_out(examples.points, space.spread)
    return [name for name, value in zip(names, own, strict=True) if value <= examples.scale.low]


def list_examples(config_file: Path | None, language: Language) -> None:
    """Says which kinds have examples, and how they were measured."""
    config = load_config(config_file)
    found = load_all(config.examples_dir)
    if not found:
        say(_say("examples.none", language, folder=str(config.examples_dir)))
    for examples in found.values():
        made = examples.made.astimezone().isoformat(sep=" ", timespec="minutes")
        n, name = len(examples.points), _kind(examples.kind, language)
        say(_say("examples.listed", language, kind=name, n=n, made=made))
        _show(examples, language)


def remove_examples(kind: str, config_file: Path | None, language: Language) -> None:
    """Removes a kind's examples. Raises `ExamplesError` where there are none."""
    path = path_of(load_config(config_file).examples_dir, known_kind(kind))
    if not path.is_file():
        raise ExamplesError(f"{path}: there are no examples of {kind} to remove")
    path.unlink()
    say(_say("examples.removed", language, path=str(path)))


def try_examples(kind: str, folder: Path, config_file: Path | None, language: Language) -> None:
    """Says of each picture how like the examples it is. Raises as `add_examples`."""
    from models.example_pictures import ExampleReader, Refused

    known_kind(kind)
    config, pictures = load_config(config_file), _pictures(folder)
    if not path_of(config.examples_dir, kind).is_file():
        raise ExamplesError(f"no examples of {kind} are given (dresscode examples add {kind} DIR)")
    reader = ExampleReader(config)
    space = reader.spaces[kind]
    examples = load(config.examples_dir, kind, space.key)
    assert examples is not None
    table = Table(*(_say(f"examples.{c}", language) for c in ("picture", "probability", "answer")))
    for answer in reader.read(kind, pictures, distinct=False):
        if isinstance(answer, Refused):
            table.add_row(answer.name, "–", _reason(answer, language), style="dim")
        else:
            table.add_row(answer.name, *_judged(examples.probability(answer.point, space.spread), language))
    Console().print(table)


def _judged(probability: float, language: Language) -> tuple[str, str]:
    code = "like" if probability >= PASS else "unlike" if probability <= FAIL else "between"
    return f"{probability:.2f}", _say(f"examples.{code}", language)


def _pictures(folder: Path) -> list[Found]:
    if not folder.is_dir():
        raise ExamplesError(f"{folder}: no such folder of pictures")
    found = find_pictures([str(folder)])
    if not found:
        raise ExamplesError(f"{folder}: there is no picture in it")
    return found


def _sorted(answers: Iterable[Usable | Refused]) -> tuple[list[Usable], list[Refused]]:
    from models.example_pictures import Refused, Usable

    every = list(answers)
    return [a for a in every if isinstance(a, Usable)], [a for a in every if isinstance(a, Refused)]


def _points(usable: Sequence[Usable]) -> Floats:
    return np.stack([u.point for u in usable])


def _show_refused(refused: Sequence[Refused], language: Language) -> None:
    for picture in refused:
        say(_say("examples.refused", language, name=picture.name, reason=_reason(picture, language)))


def _reason(picture: Refused, language: Language) -> str:
    """Why a picture can't be used: a code of ours, or the cause why its torso is not in view."""
    if picture.code in {cause.value for cause in Cause}:
        catalogue = texts.catalogue(language.value)
        cause = catalogue[f"cause.{picture.code}"]
        return _say("examples.torso", language, cause=cause)
    return _say(f"examples.{picture.code}", language, detail=picture.detail)


def _show(examples: ExampleSet, language: Language) -> None:
    for line in described(examples, language):
        say(f"  {line}")


def described(examples: ExampleSet, language: Language) -> Iterator[str]:
    """How well an example set was measured to tell, in sentences."""
    m = examples.measured
    yield _say("examples.threshold", language, high=examples.scale.high, low=examples.scale.low)
    yield _say("examples.recall", language, **_share(m.recall), rejected=m.rejected.count)
    yield _say("examples.taken", language, **_share(m.taken), told=m.told.count)
    best, low, high = m.precision
    yield _say("examples.precision", language, best=best, low=low, high=high)
    if mark := examples.mark:
        yield _say("examples.logo", language, n=mark.found.count, of=mark.found.total, least=LEAST_WIDTH)
        if mark.taken.total:
            yield _say("examples.logo-others", language, n=mark.taken.count, of=mark.taken.total)


def _share(share: Share) -> dict[str, float]:
    low, high = share.interval
    return {"count": share.count, "total": share.total, "value": share.value, "lowest": low, "highest": high}


def _kind(kind: str, language: Language) -> str:
    return texts.catalogue(language.value)[f"fact.{kind}"]


def _say(code: str, language: Language, **params: str | float) -> str:
    return str(getattr(words()[code], language.value)).format(**params)
