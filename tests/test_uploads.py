"""Pictures and reports that somebody sends: what is taken, what is refused, and what is left of them."""

from __future__ import annotations

import io
import json
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import make_checker, no_checker, policy, verdict
from PIL import Image as Pillow
from sqlalchemy import func, select

from service.report import Row, Stamp, to_row
from service.store.opening import Store, open_store
from service.store.tables import Arrival
from service.uploads.archive import ReportZip, unmarked
from service.uploads.desk import UploadDesk, open_desk
from service.uploads.folder import import_folder
from service.uploads.importing import Imported, key_of, moment, read_rows
from service.uploads.intake import Limits, UploadError, open_spool, receive, shown_name
from service.uploads.keeping import StoreKeeper, without_faces
from service.uploads.line import Job
from service.uploads.recording import Form, make_task
from vision.config import Config
from vision.draw import annotate
from vision.errors import ReportError
from vision.pictures import encode_jpeg

LIMITS = Limits(2_000_000, 5e6)
PLACE = "39.9163"


def jpeg(colour: tuple[int, int, int] = (240, 150, 90), size: tuple[int, int] = (90, 160), gps: bool = False) -> bytes:
    picture, out = Pillow.new("RGB", size, colour), io.BytesIO()
    exif = Pillow.Exif()
    if gps:
        exif[0x010E] = f"taken at {PLACE}"
        exif.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 58.7), 3: "E", 4: (116.0, 23.0, 50.0)})
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A file of a hundred bytes that says it is gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


# -- one picture -------------------------------------------------------------------------------------------------------


def refused(tmp_path: Path, data: bytes, name: str = "a.jpg") -> str:
    with pytest.raises(UploadError) as caught:
        receive(io.BytesIO(data), name, open_spool(tmp_path / "spool"), LIMITS)
    assert list((tmp_path / "spool").iterdir()) == []
    return caught.value.text.code


def test_a_picture_is_taken_under_another_name(tmp_path: Path) -> None:
    got = receive(io.BytesIO(jpeg()), "../../etc/passwd", open_spool(tmp_path / "spool"), LIMITS)
    assert (got.width, got.height, got.name) == (90, 160, "passwd")
    assert got.path.parent == tmp_path / "spool"
    assert got.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("size", [(65_000, 65_000), (20_000, 20_000), (3000, 3000)])
def test_a_decompression_bomb(tmp_path: Path, size: tuple[int, int]) -> None:
    assert refused(tmp_path, huge_png(*size), "bomb.png") == "upload.error.pixels"


@pytest.mark.parametrize(
    "data",
    [b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"GIF89a" + b"\0" * 50, b"%PDF-1.4",
     b"<html>", b"\xff\xd8\xff", b"PK\x03\x04", b"\0" * 100, b"%!PS-Adobe", jpeg()[:20]],
)  # fmt: skip
def test_what_is_no_picture_whatever_its_name(tmp_path: Path, data: bytes) -> None:
    assert refused(tmp_path, data, "portrait.jpg") == "upload.error.kind"


def test_too_large_and_empty(tmp_path: Path) -> None:
    assert refused(tmp_path, b"x" * 2_000_001) == "upload.error.large"
    assert refused(tmp_path, b"") == "upload.error.empty"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a.jpg", "a.jpg"), ("/etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("..", ".."), ("a\0b\n.jpg", "ab.jpg"),
     ("", "?"), ("x/", "?"), ("<script>.jpg", "<script>.jpg"), ("照片.jpg", "照片.jpg"), ("y" * 300, "y" * 120)],
)  # fmt: skip
def test_names_are_only_shown(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_what_an_earlier_run_left_is_removed(tmp_path: Path) -> None:
    spool = open_spool(tmp_path / "spool")
    receive(io.BytesIO(jpeg()), "a", spool, LIMITS)
    assert list(open_spool(spool).iterdir()) == []


# -- the waiting line --------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(configured(tmp_path))
    yield opened
    opened.close()


def configured(tmp_path: Path, **upload: Any) -> Config:
    said = {"store": {"folder": tmp_path / "data", "time_zone": "UTC"}, "upload": {"waiting": 3, **upload}}
    return Config.model_validate(said)


@pytest.fixture
def desk(tmp_path: Path, store: Store) -> Iterator[UploadDesk]:
    opened = open_desk(configured(tmp_path), policy(), store, StoreKeeper(store), make_checker)
    yield opened
    opened.line.close()


def send(desk: UploadDesk, data: bytes, staff: str | None = None) -> Job | None:
    form = Form("North", staff=staff)
    received = receive(io.BytesIO(data), "me at the door.jpg", desk.spool, desk.limits)
    task = make_task(received, form, desk.policy, None, datetime(2026, 7, 15, tzinfo=timezone.utc))
    return desk.line.put("user:1", received, task, form)


def finished(job: Job | None) -> Job:
    assert job
    while job.state in ("waiting", "checking"):
        time.sleep(0.02)
    return job


def test_a_picture_becomes_an_arrival_and_nothing_of_the_file_stays(desk: UploadDesk, store: Store) -> None:
    job = finished(send(desk, jpeg(gps=True), "007"))
    assert (job.state, [kept.outcome for kept in job.arrivals], job.said) == ("done", ["fail"], None)
    with store.sessions() as session:
        arrival = session.scalars(select(Arrival)).one()
        paths = [store.pictures / picture.path for picture in arrival.pictures]
        assert (arrival.origin, arrival.door, arrival.staff, arrival.state) == ("upload", "North", "007", "open")
        assert arrival.reply_code
    assert paths
    for path in paths:
        data = path.read_bytes()
        assert b"Exif" not in data
        assert PLACE.encode() not in data
    left = [path.name for path in desk.spool.rglob("*") if path.is_file()]
    assert left == []


def test_nobody_broken_and_throwing(desk: UploadDesk, store: Store) -> None:
    nobody = finished(send(desk, jpeg((0, 0, 0))))
    assert (nobody.state, nobody.said and nobody.said.code) == ("failed", "upload.nobody")
    broken = finished(send(desk, jpeg(size=(400, 400))[:1500]))
    assert (broken.state, broken.said and broken.said.code) == ("failed", "upload.error.check")
    assert broken.said
    assert "me at the door.jpg: is damaged" in broken.said.en
    thrown = finished(send(desk, jpeg((0, 0, 255))))
    assert thrown.state == "failed"
    assert "lost its mind" in str(thrown.said)
    with store.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Arrival)) == 0


def test_a_process_that_dies_costs_one_picture(desk: UploadDesk) -> None:
    dead = finished(send(desk, jpeg((0, 255, 0))))
    assert "the worker that checked it died" in str(dead.said)
    assert finished(send(desk, jpeg())).state == "done"


def test_networks_that_cannot_be_loaded(tmp_path: Path, store: Store) -> None:
    opened = open_desk(configured(tmp_path), policy(), store, StoreKeeper(store), no_checker)
    job = finished(send(opened, jpeg()))
    opened.line.close()
    assert (job.state, "no such network" in str(job.said)) == ("failed", True)


def test_the_line_is_bounded_and_jobs_are_their_owners(desk: UploadDesk) -> None:
    sent = [send(desk, jpeg()) for _ in range(6)]
    assert None in sent
    assert {job.id for job in sent if job} == {job.id for job in desk.line.of("user:1")}
    assert desk.line.of("user:2") == []
    for job in sent:
        if job:
            finished(job)


def test_faces_are_hidden() -> None:
    row = to_row("a.jpg", verdict(90, 160), Stamp.of(policy()), 0.1)
    noise = np.random.default_rng(1).integers(0, 255, (160, 90, 3), np.uint8)
    hidden = without_faces(noise, row)
    x1, y1, x2, y2 = (round(v) for v in row["people"][0]["regions"]["face"]["box"])
    assert len(np.unique(hidden[y1:y2, x1:x2].reshape(-1, 3), axis=0)) <= 64
    assert (hidden[120:] == noise[120:]).all()
    assert hidden is not noise


# -- reports -----------------------------------------------------------------------------------------------------------


def report_row(number: int = 1, people: int = 1) -> Row:
    row = to_row(f"/elsewhere/{number}.jpg", verdict(90, 160, people=people), Stamp.of(policy()), 0.1)
    stamp = {"bytes": 10 + number, "modified": "2026-07-15T08:30:00+00:00"}
    return {"staff": "007", "notes": [], "file": stamp, "annotated": f"pictures/{number}.jpg"} | row


def zipped(rows: list[Any], top: str = "", more: dict[str, bytes] | None = None) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{top}report.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    out.seek(0)
    return out


def annotated() -> bytes:
    image = np.full((160, 90, 3), 200, np.uint8)
    return encode_jpeg(annotate(image, verdict(90, 160)))


def imported(desk: UploadDesk, file: io.BytesIO) -> Imported:
    done = Imported()
    with ReportZip(file, 5e6) as archive:
        desk.import_rows(archive.lines(), "report.zip", archive.find, "North", done)
    return done


@pytest.mark.parametrize("top", ["", "out/"])
def test_a_report_is_imported_once(desk: UploadDesk, store: Store, top: str) -> None:
    rows = [report_row(1), report_row(2, people=2), report_row(3) | {"people": []}]
    more = {f"{top}pictures/1.jpg": annotated()}
    first = imported(desk, zipped(rows, top, more))
    assert (first.new, first.known, first.empty) == (3, 0, 1)
    again = imported(desk, zipped(rows, top, more))
    assert (again.new, again.known, again.empty) == (0, 3, 1)
    with store.sessions() as session:
        arrivals = session.scalars(select(Arrival).order_by(Arrival.id)).all()
        assert [(a.origin, a.day, a.hour, a.staff) for a in arrivals] == [
            ("import", date(2026, 7, 15), 8, "007"), ("import", date(2026, 7, 15), 8, None),
            ("import", date(2026, 7, 15), 8, None),
        ]  # fmt: skip
        assert [len(a.pictures) > 0 for a in arrivals] == [True, False, False]


def test_a_row_names_no_file_of_this_machine(desk: UploadDesk, store: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(jpeg())
    for name in (str(secret), "../secret.jpg", "../../../../etc/passwd", "pictures/../../secret.jpg"):
        row = report_row(1) | {"annotated": name, "image": str(secret)}
        with ReportZip(zipped([row], more={"../secret.jpg": b"x", "/etc/passwd": b"x"}), 5e6) as archive:
            assert archive.find(row) is None
    assert imported(desk, zipped([report_row(1) | {"image": str(secret)}])).new == 1
    with store.sessions() as session:
        assert session.scalars(select(Arrival)).one().pictures == []


def test_nothing_is_unpacked(desk: UploadDesk, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if path.suffix == ".txt"}
    imported(desk, zipped([report_row()], more={"../../evil.txt": b"x", "/tmp/evil.txt": b"x", "a/../../evil.txt": b"x"}))
    assert {path for path in tmp_path.rglob("*") if path.suffix == ".txt"} == before
    assert not Path("/tmp/evil.txt").exists()


def test_a_zip_bomb(desk: UploadDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.uploads.archive.REPORT_BYTES", 100_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.jsonl", b"\n" * 5_000_000)
    with pytest.raises(UploadError, match="unpacks to too much"):
        imported(desk, out)
    big = {"pictures/1.jpg": annotated() + b"\0" * 30_000_000}
    with ReportZip(zipped([report_row()], more=big), 5e6) as archive:
        assert archive.find(report_row()) is None
    with ReportZip(zipped([report_row()], more={"pictures/1.jpg": huge_png(9000, 9000)}), 5e6) as archive:
        assert archive.find(report_row()) is None


@pytest.mark.parametrize("data", [b"", b"nonsense", b"PK\x03\x04" + b"\0" * 40, jpeg()])
def test_what_is_no_zip(data: bytes) -> None:
    with pytest.raises(UploadError):
        ReportZip(io.BytesIO(data), 5e6)


def test_a_zip_without_a_report() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/b/report.jsonl", "{}")
    with pytest.raises(UploadError, match=r"no report\.jsonl"):
        ReportZip(out, 5e6)


def spoiled(change: Callable[[Row], Any]) -> bytes:
    row = json.loads(json.dumps(report_row()))
    change(row)
    return json.dumps(row).encode()


@pytest.mark.parametrize(
    "line",
    [
        b"[]", b"null", b"{", b'{"image": "a"}', b"[" * 100_000, b'{"a": NaN}',
        spoiled(lambda row: row["people"][0]["findings"][0].update(clause="no-such-clause")),
        spoiled(lambda row: row["people"][0]["findings"][0].update(outcome="fine")),
        spoiled(lambda row: row["people"][0]["findings"][0].update(confidence=7)),
        spoiled(lambda row: row["people"][0]["findings"][0].update(box=[1, 2])),
        spoiled(lambda row: row["policy"].update(date="yesterday")),
        spoiled(lambda row: row["policy"].update(profile="x" * 41)),
        spoiled(lambda row: row.update(staff="x" * 65)),
        spoiled(lambda row: row.update(image=7)),
    ],
)  # fmt: skip
def test_a_line_that_is_no_row(line: bytes) -> None:
    with pytest.raises(ReportError, match=r"report.zip:2: not a row of a report"):
        list(read_rows([json.dumps(report_row()).encode(), line], policy(), "report.zip"))


def test_when_a_picture_was_taken() -> None:
    zone = timezone.utc
    assert moment(report_row(), zone) == datetime(2026, 7, 15, 8, 30, tzinfo=zone)
    copied = report_row() | {"file": {"bytes": 1, "modified": "2026-09-01T08:30:00+00:00"}}
    assert moment(copied, zone) == datetime(2026, 7, 15, 12, tzinfo=zone)
    assert moment(report_row() | {"file": None}, zone).hour == 12


def test_keys_tell_pictures_days_and_people_apart() -> None:
    one, same = report_row(1), report_row(1) | {"seconds": 9}
    later = json.loads(json.dumps(one))
    later["policy"]["date"] = "2026-07-16"
    keys = {key_of(one, 0), key_of(one, 1), key_of(report_row(2), 0), key_of(later, 0)}
    assert len(keys) == 4
    assert key_of(one, 0) == key_of(same, 0)
    assert len(key_of(one, 0)) <= 32


def test_the_picture_of_an_annotated_one() -> None:
    for width, height in ((90, 160), (160, 90), (1000, 1900)):
        marked = annotate(np.full((height, width, 3), 200, np.uint8), verdict(width, height))
        picture, scale = unmarked(marked, {"width": width, "height": height})
        assert picture.shape[1] / picture.shape[0] == pytest.approx(width / height, rel=0.01)
        assert picture.shape[1] == pytest.approx(width * scale, abs=1)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("store: {folder: data, time_zone: UTC}\n")
    with pytest.raises(ReportError, match="no such report"):
        import_folder(tmp_path / "out", "North", None)
    (tmp_path / "out" / "pictures").mkdir(parents=True)
    (tmp_path / "out" / "pictures" / "1.jpg").write_bytes(annotated())
    (tmp_path / "out" / "report.jsonl").write_text(json.dumps(report_row()) + "\n")
    assert "1 new arrivals, 0 known" in import_folder(tmp_path / "out", "North", None).sentence
    assert "0 new arrivals, 1 known" in import_folder(tmp_path / "out", "North", None).sentence
