"""Badge codes: read from composed cards at realistic sizes, tilted and blurred; a wrong one is never said."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from service.directory import Directory, Member
from service.door.codes import CodeReader, badge_code, code_places
from service.door.identity import Identities
from vision.observation import Observation
from vision.types import Box, Fact, Image, Region, Wearer

CODE = "S-10482"
LEFT = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
PARITY = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")


def square(text: str, side: int) -> Image:
    """A QR code with its quiet zone, `side` pixels across with it."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=8, border=4)
    large = cv2.imdecode(np.frombuffer(out.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    return cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)  # type: ignore[return-value, arg-type]


def stripes(first: str, width: int) -> tuple[Image, str]:
    """An EAN-13 of twelve digits and its check digit, with its quiet zones."""
    digits = [int(sign) for sign in first]
    digits.append(-sum(d * (1, 3)[n % 2] for n, d in enumerate(digits)) % 10)
    right = ["".join("10"[int(bit)] for bit in code) for code in LEFT]
    even = [code[::-1] for code in right]
    half = "".join((LEFT if p == "L" else even)[d] for d, p in zip(digits[1:7], PARITY[digits[0]], strict=True))
    bits = "0" * 9 + "101" + half + "01010" + "".join(right[d] for d in digits[7:]) + "101" + "0" * 9
    row = np.array([[255 * (bit == "0") for bit in bits]], np.uint8)
    large = cv2.cvtColor(np.repeat(np.repeat(row, 480, 0), 8, 1), cv2.COLOR_GRAY2BGR)
    code = cv2.resize(large, (width, width // 3), interpolation=cv2.INTER_AREA)
    return code, "".join(map(str, digits))  # type: ignore[return-value]


def worn(samples: Path, code: Image, angle: float = 0.0, blur: float = 0.0) -> tuple[Image, Box]:
    """A rendered person with a card on the chest that bears the code, and the card's box."""
    image = cv2.imread(str(samples / "man-summer.jpg"))
    height, width = code.shape[:2]
    tall, wide = int(height * 1.9), int(width * 1.25)
    card = np.full((tall, wide, 3), 245, np.uint8)
    card[: tall // 4] = (120, 60, 20)
    y, x = tall - height - tall // 30, (wide - width) // 2
    card[y : y + height, x : x + width] = code
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), angle, 1)
    turn[:, 2] += (360 - wide / 2, 430 - tall / 2)
    size = (image.shape[1], image.shape[0])
    laid = cv2.warpAffine(card, turn, size)
    where = cv2.warpAffine(np.full(card.shape[:2], 255, np.uint8), turn, size) > 127
    image = np.where(where[..., None], laid, image)
    if blur:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    noisy = np.clip(image + np.random.default_rng(1).normal(0, 4, image.shape), 0, 255).astype(np.uint8)
    ys, xs = np.nonzero(where)
    return noisy, Box(xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)


@pytest.fixture(scope="module")
def reader() -> CodeReader:
    return CodeReader()


@pytest.mark.parametrize("angle", [0, 8, 30, 90])
@pytest.mark.parametrize(("side", "blur"), [(64, 0.0), (80, 0.7), (96, 1.0)])
def test_qr_codes_are_read(reader: CodeReader, samples: Path, side: int, blur: float, angle: float) -> None:
    image, card = worn(samples, square(CODE, side), angle, blur)
    assert reader.read(image, [card]) == [CODE]


@pytest.mark.parametrize("first", ["690123456789", "400638133393"])
@pytest.mark.parametrize("angle", [0, 5, 10])
def test_barcodes_are_read(reader: CodeReader, samples: Path, first: str, angle: float) -> None:
    code, said = stripes(first, 160)
    image, card = worn(samples, code, angle)
    assert reader.read(image, [card]) == [said]


@pytest.mark.parametrize("blur", [0.0, 0.7, 1.0, 1.5])
@pytest.mark.parametrize("width", [120, 190])
def test_what_cannot_be_read_is_no_other_code(reader: CodeReader, samples: Path, width: int, blur: float) -> None:
    for first in ("690123456789", "978030640615"):
        code, said = stripes(first, width)
        image, card = worn(samples, code, 5, blur)
        assert reader.read(image, [card]) in ([], [said])


def test_no_code_is_no_code(reader: CodeReader, samples: Path) -> None:
    for path in sorted(samples.glob("*.jpg"))[::6]:
        image = cv2.imread(str(path))
        assert reader.read(image, [Box(150, 250, 570, 700)]) == []  # type: ignore[arg-type]


def test_places_outside_the_picture_are_none(reader: CodeReader, samples: Path) -> None:
    image, _ = worn(samples, square(CODE, 96))
    assert reader.read(image, [Box(-50, -50, 10, 10), Box(700, 1270, 900, 1400), Box(5, 5, 5, 5)]) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [("  1001 ", "1001"), ("", None), ("a", None), ("x" * 65, None), ("a\nb c", None), ("工号12", "工号12")],
)
def test_what_a_code_may_say(said: str, code: str | None) -> None:
    assert badge_code(said) == code


def test_the_badge_is_looked_at_first(samples: Path, reader: CodeReader) -> None:
    image, card = worn(samples, square(CODE, 80))
    facts = {"badge": Fact("badge", "chest", 0.9, box=card)}
    regions = {"chest": Region("chest", True, None, Box(200, 300, 520, 560))}
    person = Box(200, 150, 520, 1180)
    seen = Observation(1, 0.0, datetime.now(timezone.utc), image, person, 0.9, 1.0, regions, facts)
    assert code_places(seen)[0] == card
    assert reader.read(image, code_places(seen)[1:2]) == [CODE]  # without a badge the chest will do
    bare = Observation(1, 0.0, datetime.now(timezone.utc), image, person, 0.9, 1.0, {}, {})
    assert len(code_places(bare)) == 1
    beside = Box(card.x2 - 5, person.y1, card.x2 + 300, person.y2)  # their badge may be what is read
    behind = Box(card.x1, card.y1, card.x2, card.y1 + 0.2 * person.height)
    assert code_places(replace(seen, others=(beside,))) == []
    assert code_places(replace(seen, others=(behind, person))) == code_places(seen)


def test_a_badge_code_is_somebodys_or_nobodys() -> None:
    from fakes import policy

    known = Directory({"1001": Member("1001", "somebody", "hall", Wearer.MAN, CODE)})
    identities = Identities(policy(), None, None, known)
    assert identities.reads_badges
    wearing = identities.of(CODE, "badge")
    assert wearing is not None
    assert (wearing.staff, wearing.occasion.wearer) == ("1001", Wearer.MAN)
    assert identities.of("S-10483", "badge") is None
    assert not Identities(policy(), None, None, None).reads_badges
