"""Reading all kinds of picture files, refusing what is none, and finding them in folders."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from vision.errors import PictureError
from vision.pictures import encode_jpeg, find_pictures, read_list, read_picture, shrink, write_picture

RED, BLUE = (0, 0, 255), (255, 0, 0)  # BGR


def two_tone(mode: str = "RGB") -> Pillow.Image:
    """60x40, red on the left, blue on the right."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, :30], pixels[:, 30:] = (255, 0, 0), (0, 0, 255)
    return Pillow.fromarray(pixels).convert(mode)


def near(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:  # type: ignore[type-arg]
    return bool(np.abs(pixel.astype(int) - colour).max() < 30)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tif"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    two_tone().save(path)
    image = read_picture(path)
    assert (image.shape, image.dtype) == ((40, 60, 3), np.uint8)
    assert near(image[20, 5], RED)
    assert near(image[20, 55], BLUE)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize(("orientation", "red_at"), [(3, (20, 55)), (6, (5, 20)), (8, (55, 20))])
def test_exif_rotation(tmp_path: Path, suffix: str, orientation: int, red_at: tuple[int, int]) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{suffix}"
    two_tone().save(path, exif=exif)
    image = read_picture(path)
    assert image.shape[:2] == ((40, 60) if orientation == 3 else (60, 40))
    assert near(image[red_at], RED)


def test_grey_palette_and_cmyk(tmp_path: Path) -> None:
    for name, mode in (("l.png", "L"), ("p.png", "P"), ("c.jpg", "CMYK"), ("one.png", "1")):
        two_tone(mode).save(tmp_path / name)
        image = read_picture(tmp_path / name)
        assert image.shape == (40, 60, 3)
        if mode in "P CMYK":
            assert near(image[20, 5], RED)


def test_sixteen_bits(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 64).astype(np.uint16).reshape(1, 64).repeat(8, axis=0)
    for name in ("a.png", "a.tif"):
        Pillow.fromarray(ramp).save(tmp_path / name)
        image = read_picture(tmp_path / name)
        assert image.dtype == np.uint8
        assert (image[0, 0, 0], image[0, -1, 0]) == (0, 255)
        assert abs(int(image[0, 32, 1]) - 129) <= 2


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    picture = Pillow.new("RGBA", (8, 8), (255, 0, 0, 0))
    picture.putpixel((0, 0), (255, 0, 0, 255))
    picture.save(tmp_path / "a.png")
    image = read_picture(tmp_path / "a.png")
    assert near(image[0, 0], RED)
    assert image[5, 5].tolist() == [255, 255, 255]


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header tells of more pixels than it has."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("size", "words"), [((20000, 5001), "100 megapixels"), ((60000, 60000), "3600 megapixels")])
def test_huge_pictures_are_refused_by_their_header(tmp_path: Path, size: tuple[int, int], words: str) -> None:
    (tmp_path / "a.png").write_bytes(bomb(*size))
    with pytest.raises(PictureError, match=words):
        read_picture(tmp_path / "a.png")


def test_a_limit_above_that_of_pillow(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(bomb(20000, 20000))
    before = Pillow.MAX_IMAGE_PIXELS
    with pytest.raises(PictureError, match="damaged or incomplete"):  # it went on to decode
        read_picture(tmp_path / "a.png", max_megapixels=500)
    assert before == Pillow.MAX_IMAGE_PIXELS


def test_lists_of_paths() -> None:
    assert read_list(b"a.jpg\r\n\n b c.jpg\n") == ["a.jpg", " b c.jpg"]
    assert read_list("工\n号.jpg\0b\0".encode()) == ["工\n号.jpg", "b"]
    assert read_list(b"\xff.jpg") == [os.fsdecode(b"\xff.jpg")]


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("工" * 83 + ".jpg")
    write_picture(path, np.zeros((4, 4, 3), np.uint8))
    assert path.is_file()


def test_the_limit_is_a_setting(tmp_path: Path) -> None:
    two_tone().save(tmp_path / "a.png")
    with pytest.raises(PictureError, match=r"60x40 is 0\.0024 megapixels, at most 0\.001"):
        read_picture(tmp_path / "a.png", max_megapixels=0.001)


def test_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("hello")
    whole = encode_jpeg(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "short.png").write_bytes(bomb(200, 200))
    for name, words in {
        "empty.jpg": "is empty",
        "text.jpg": "not a picture",
        "cut.jpg": "damaged or incomplete",
        "short.png": "damaged or incomplete",
        "none.jpg": "no such file",
        ".": "is not a file",
    }.items():
        with pytest.raises(PictureError, match=words) as caught:
            read_picture(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_finding_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (
        "in/b.JPG",
        "in/sub/a.png",
        "in/notes.txt",
        "in/.hidden.jpg",
        "in/.git/x.jpg",
        "in/out/old.jpg",
        "c.dat",
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    found = find_pictures(["in", "in/b.JPG", "c.dat", "missing.jpg", "-"], Path("in/out"), ["in/sub"])
    assert [f.given for f in found] == ["c.dat", "in/b.JPG", "in/sub/a.png", "missing.jpg"]
    assert [f.name for f in found][1:3] == ["b.JPG", os.path.join("sub", "a.png")]


def test_the_output_folder_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.jpg").touch()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    assert find_pictures([str(tmp_path), str(tmp_path / "pictures")], tmp_path) == []
    assert len(find_pictures([str(tmp_path / "photos")], tmp_path)) == 1


def test_writing_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "ä b.jpg"
    write_picture(path, np.zeros((4, 4, 3), np.uint8))
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_picture(path, np.ones((9, 9, 3), np.uint8))
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_shrinking_keeps_proportions_and_never_enlarges() -> None:
    image = np.zeros((400, 200, 3), np.uint8)
    assert shrink(image, 100).shape == (100, 50, 3)
    assert shrink(image, 1000) is image
    assert shrink(np.zeros((1, 5000, 3), np.uint8), 10).shape == (1, 10, 3)
