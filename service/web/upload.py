"""Pictures and reports from the browser. Everything works without a script; with one there is progress by picture."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from service.store import audit
from service.store.engine import writing
from service.texts import text
from service.uploads.archive import ReportZip
from service.uploads.desk import UploadDesk, desk_of, open_desk
from service.uploads.importing import Imported
from service.uploads.intake import UploadError, receive, shown_name
from service.uploads.keeping import StoreKeeper
from service.uploads.line import Job
from service.uploads.recording import Form, make_task
from service.web.access import current_user, needs, scope
from service.web.language import language
from service.web.site import site
from vision.errors import PolicyError, ReportError
from vision.types import Text, Wearer

blueprint = Blueprint("upload", __name__, url_prefix="/upload")
FORM_BYTES = 256 * 1024
"""Room for the other fields of a form."""
STAFF = 64
FACTORY = "CHECKER_FACTORY"
"""The application's setting that makes another checker than the config's."""


@blueprint.url_value_preprocessor
def limit(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """How much may be sent, set before anybody reads the form: the check for CSRF does."""
    said = site().config.upload
    megabytes = said.report_megabytes if endpoint == "upload.report" else said.max_megabytes * said.max_files
    request.max_content_length = int(megabytes * 1e6) + FORM_BYTES


@blueprint.get("/")
@needs("supervisor")
def index() -> str:
    """The form, and what became of what this user has sent."""
    said = site().config.upload
    return render_template(
        "upload/index.html", jobs=desk().line.of(owner()), doors=doors(), profiles=site().policy.profiles,
        profile=site().config.service.profile or site().policy.profile, wearers=list(Wearer), limits=said,
        room=desk().line.room(), shown=_shown,
    )  # fmt: skip


@blueprint.post("/pictures")
@needs("supervisor")
def pictures() -> Response | tuple[Response, int]:
    """Takes pictures in; a script asks for JSON and gets the jobs, a form is sent back to the page.

    400 for a form that makes no sense, 413 for too much, 429 where too many wait.
    """
    form, files = _form(), [file for file in request.files.getlist("pictures") if file.filename]
    if not files or len(files) > site().config.upload.max_files:
        abort(HTTPStatus.BAD_REQUEST)
    taken = [_take(file, form) for file in files]
    with writing(site().store.sessions) as session:
        sent = sum(job is not None for job, _ in taken)
        audit.write(session, audit.user(current_user().id), "pictures.uploaded", form.door, count=sent)
    if request.accept_mimetypes.best == "application/json":
        full = any(said and said.code == "upload.error.full" for _, said in taken)
        body = jsonify(
            jobs=[
                _as_json(job) if job else _refused(file, said) for (job, said), file in zip(taken, files, strict=True)
            ]
        )
        return body, HTTPStatus.TOO_MANY_REQUESTS if full else HTTPStatus.OK
    refused = [(file.filename, said) for (job, said), file in zip(taken, files, strict=True) if job is None]
    if refused:
        return Response(_page(refused), HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("upload.index"), 303)  # type: ignore[return-value]


@blueprint.get("/jobs")
@needs("supervisor")
def jobs() -> Response:
    """How far this user's pictures are, for the page's script."""
    return jsonify(jobs=[_as_json(job) for job in desk().line.of(owner())])


@blueprint.post("/report")
@needs("supervisor")
def report() -> Response | str | tuple[str, int]:
    """Imports the zip file of a report folder; 400 for none, 422 with the reason for one that cannot be used."""
    file, door = request.files.get("report"), request.form.get("door", "")
    if file is None or not file.filename or door not in doors():
        abort(HTTPStatus.BAD_REQUEST)
    done, said = Imported(), None
    try:
        with ReportZip(file.stream, site().config.upload.max_megapixels * 1e6) as archive:
            desk().import_rows(archive.lines(), shown_name(file.filename), archive.find, door, done)
    except UploadError as error:
        said = error.text
    except ReportError as error:
        said = text("upload.error.report", reason=str(error))
    with writing(site().store.sessions) as session:
        audit.write(session, audit.user(current_user().id), "report.imported", door, new=done.new, known=done.known)
    page = render_template("upload/imported.html", done=done, error=said, shown=_shown)
    return page if said is None else (page, HTTPStatus.UNPROCESSABLE_ENTITY)


def desk() -> UploadDesk:
    """The application's desk for uploads, made with the first request that needs it."""
    here = site()
    factory = current_app.config.get(FACTORY)
    keeper = StoreKeeper(here.store)
    return desk_of(current_app.extensions, lambda: open_desk(here.config, here.policy, here.store, keeper, factory))


def owner() -> str:
    """Whose jobs are shown."""
    return f"user:{current_user().id}"


def doors() -> list[str]:
    """The doors that this user may put pictures down to: their own, or all of the cameras' and one for none of them."""
    mine = scope()
    if mine is not None:
        return sorted(mine)
    named = {camera.door or name for name, camera in site().config.cameras.items()}
    return ["upload", *sorted(named - {"upload"})]


def _form() -> Form:
    door, staff = request.form.get("door", ""), request.form.get("staff", "").strip()
    wearer, profile = request.form.get("wearer", ""), request.form.get("profile", "")
    known = {str(one) for one in Wearer}
    if door not in doors() or len(staff) > STAFF or "\0" in staff or (wearer and wearer not in known):
        abort(HTTPStatus.BAD_REQUEST)
    if profile and profile not in site().policy.profiles:
        abort(HTTPStatus.BAD_REQUEST)
    return Form(door, profile or None, Wearer(wearer) if wearer else None, staff or None)


def _take(file: FileStorage, form: Form) -> tuple[Job | None, Text | None]:
    """A job for a picture, or why there is none."""
    name = file.filename or ""
    if not desk().line.room():
        return None, text("upload.error.full")
    try:
        received = receive(file.stream, name, desk().spool, desk().limits)
        now = datetime.now(site().store.zone)
        task = make_task(received, form, site().policy, desk().directory(), now)
    except (UploadError, PolicyError) as error:
        return None, error.text if isinstance(error, UploadError) else text("upload.error.check", reason=str(error))
    job = desk().line.put(owner(), received, task, form)
    if job is None:
        received.path.unlink(missing_ok=True)
        return None, text("upload.error.full")
    return job, None


def _page(refused: list[tuple[str | None, Text | None]]) -> str:
    return render_template("upload/refused.html", refused=refused, shown=_shown, name=shown_name)


def _shown(said: Text | None) -> str:
    return "" if said is None else str(getattr(said, language()))


def _refused(file: FileStorage, said: Text | None) -> dict[str, Any]:
    return {
        "id": None,
        "name": shown_name(file.filename or ""),
        "state": "failed",
        "said": _shown(said),
        "arrivals": [],
    }


def _as_json(job: Job) -> dict[str, Any]:
    from service.web.links import arrival_url

    arrivals = [{"outcome": one.outcome, "href": arrival_url(one.key)} for one in job.arrivals]
    return {
        "id": job.id, "name": job.received.name, "state": job.state, "said": _shown(job.said), "arrivals": arrivals,
    }  # fmt: skip
