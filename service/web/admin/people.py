"""The staff directory and the exemptions, as they are kept in the database."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from service.directory import Granted, Member, read_directory, read_exemptions
from service.store import audit, exemptions
from service.store.changes import Refused
from service.store.engine import writing
from service.store.identity import Exempt
from service.store.people import Imported, count_people, departments, import_people, search
from service.store.tables import Person
from service.web.access import needs
from service.web.admin import blueprint
from service.web.admin.common import actor
from service.web.language import say, written
from service.web.site import site
from vision.errors import PeopleError

FILE_BYTES = 16 * 1024 * 1024
SHOWN = 50


@blueprint.url_value_preprocessor
def limit(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """How much a directory's file may have, set before anybody reads the form: the check for CSRF does."""
    if endpoint == "admin.import_csv":
        request.max_content_length = FILE_BYTES


@blueprint.get("/people")
@needs("administrator")
def people() -> str:
    """People, by a search."""
    return _page()


@blueprint.post("/people")
@needs("administrator")
def import_csv() -> Any:
    """Imports the directory's file and, where given, that of the exemptions; 422 with the reason, and nothing changed,
    for one that is wrong."""
    given = request.files.get("directory")
    if given is None or not given.filename:
        return _page(error=say("admin.people.no-file")), 422
    try:
        members, granted = _read(given, request.files.get("exemptions"))
    except PeopleError as error:
        return _page(error=str(error)), 422
    with writing(site().store.sessions) as session:
        done = import_people(session, members, granted, request.form.get("complete") == "yes")
        audit.write(session, actor(), "people.imported", added=done.added, changed=done.changed, left=done.left)
    return _page(done=done)


@blueprint.get("/people/<staff>")
@needs("administrator")
def person(staff: str) -> str:
    """One person with their exemptions; 404 for nobody. That somebody looked is in the log."""
    with writing(site().store.sessions) as session:
        _found(session, staff)
        audit.write(session, actor(), "people.seen")
    return _one(staff)


@blueprint.post("/people/<staff>/exemptions")
@needs("administrator")
def grant(staff: str) -> Any:
    """Grants an exemption; 404 for nobody, 422 where it makes no sense."""
    form = request.form
    try:
        first = Date.fromisoformat(form["first"]) if form.get("first") else None
        wish = Exempt(form.get("clause", ""), first, Date.fromisoformat(form.get("last", "")), form.get("reason", ""))
    except ValueError:
        return _one(staff, say("admin.exempt.days")), 422
    if wish.clause not in {clause.id for clause in site().policy.clauses}:
        abort(400)
    try:
        with writing(site().store.sessions) as session:
            _found(session, staff)
            exemptions.add(session, staff, wish, actor())
    except Refused as error:
        return _one(staff, written(error.text)), 422
    return redirect(url_for("admin.person", staff=staff), 303)


@blueprint.get("/exemptions")
@needs("administrator")
def exempt() -> str:
    """Everyone's exemptions that hold today or later."""
    with site().store.sessions() as session:
        found = exemptions.held(session, since=_today())
    return render_template("admin/exemptions.html", held=found, clauses=_clauses(), today=_today())


@blueprint.post("/exemptions/<int:number>/remove")
@needs("administrator")
def remove_exemption(number: int) -> Any:
    """Takes an exemption away; 404 for none."""
    with writing(site().store.sessions) as session:
        staff = exemptions.remove(session, number, actor())
    if staff is None:
        abort(404)
    return redirect(url_for("admin.person", staff=staff), 303)


def _read(directory: FileStorage, granted: FileStorage | None) -> tuple[list[Member], list[Granted] | None]:
    """What the files say. They are read under names of ours; what they were called is told nobody."""
    clauses = list(dict.fromkeys(clause.id for clause in site().policy.clauses))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "directory.csv"
        directory.save(path)
        try:
            members = read_directory(path, None, clauses).members
            if granted is None or not granted.filename:
                return list(members.values()), None
            path = Path(folder) / "exemptions.csv"
            granted.save(path)
            return list(members.values()), read_exemptions(path, members, clauses)
        except PeopleError as error:
            raise PeopleError(str(error).replace(f"{folder}/", "")) from error


def _found(session: Any, staff: str) -> Person:
    found: Person | None = session.get(Person, staff)
    if found is None:
        abort(404)
    return found


def _page(error: str | None = None, done: Imported | None = None) -> str:
    words, department = request.args.get("q", "")[:120], request.args.get("department", "")[:120]
    with site().store.sessions() as session:
        found = search(session, words, department or None, SHOWN)
        total, known = count_people(session), departments(session)
    return render_template(
        "admin/people.html", people=found, total=total, departments=known, words=words, department=department,
        error=error, done=done, shown=SHOWN,
    )  # fmt: skip


def _one(staff: str, error: str | None = None) -> str:
    with site().store.sessions() as session:
        found, held = _found(session, staff), exemptions.held(session, staff)
    return render_template(
        "admin/person.html", one=found, held=held, clauses=_clauses(), reasons=exemptions.CATEGORIES, error=error,
        today=_today(),
    )  # fmt: skip


def _clauses() -> dict[str, str]:
    """The clauses of the dress code, by id, in the page's language."""
    return {clause.id: written_clause(clause) for clause in site().policy.clauses}


def written_clause(clause: Any) -> str:
    from service.web.language import language

    return str(getattr(clause, language()))


def _today() -> Date:
    return datetime.now(site().store.zone).date()
