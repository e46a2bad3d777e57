"""The kiosk's pages: setting it up, the kiosk itself, and the QR code of a person's own record."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from service.store.engine import writing
from service.texts import Words, words
from service.web.addresses import phones_address
from service.web.kiosk import blueprint
from service.web.kiosk.devices import device_of
from service.web.kiosk.guard import COOKIE, COOKIE_DAYS, device, for_device, for_device_or_supervisor, onlooker
from service.web.kiosk.hub import hub
from service.web.kiosk.live import FIRST_SECONDS
from service.web.kiosk.qr import qr_svg
from service.web.kiosk.streams import current


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """Nothing of the kiosk is kept by a browser or a proxy, nor shown within another page."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response


@blueprint.context_processor
def texts() -> dict[str, Any]:
    """``both(code)`` gives a text in both languages; `ui_words` are those that the page's script needs."""
    return {"both": lambda code: words()[code], "ui_words": ui_words()}


def ui_words() -> dict[str, Words]:
    """The kiosk's own texts."""
    return {
        code: said for code, said in words().items() if code.startswith("kiosk.") and not code.startswith("kiosk.cli.")
    }


@blueprint.get("")
def page() -> AnyResponse | str:
    """The kiosk; without a device's cookie the page that sets it up."""
    held = device()
    if held is None:
        return redirect(url_for("kiosk.open_form"))
    return render_template(
        "kiosk/page.html", csrf=hub().csrf(f"device:{held.id}"), door=held.door, phones=phones_address() is not None
    )


@blueprint.get("/open")
def open_form() -> str:
    """Where a device's token is handed in; an address ``/kiosk/open#TOKEN`` does it by itself, and no log sees it."""
    return render_template("kiosk/open.html", wrong="wrong" in request.args)


@blueprint.post("/open")
def open_device() -> AnyResponse:
    """Takes a token and gives the cookie for it; a wrong one goes back to the form, 429 after many tries."""
    if not hub().open_rate.allows(request.remote_addr or ""):
        abort(429)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    secret = request.form.get("token", "").strip()
    with writing(hub().sessions) as session:
        held = device_of(session, secret)
    if held is None:
        return redirect(url_for("kiosk.open_form", wrong=1), 303)
    answer = redirect(url_for("kiosk.page"), 303)
    answer.set_cookie(
        COOKIE, secret, max_age=COOKIE_DAYS * 86400, path=url_for("kiosk.page"),
        httponly=True, secure=request.is_secure or hub().config.web.https, samesite="Strict",
    )  # fmt: skip
    return answer


@blueprint.get("/placing")
@for_device_or_supervisor
def placing() -> str:
    """What the camera sees from where it hangs, and which clauses can be decided from there."""
    looking = onlooker()
    return render_template("kiosk/placing.html", camera=looking.camera, door=looking.door)


@blueprint.get("/qr/<code>")
@for_device
def reply_qr(code: str) -> Response:
    """The QR code of the shown arrival's own page; 404 for any other code, and where no phone could reach it."""
    with hub().feed(onlooker().camera).states.open() as line:
        result = current(line.now(FIRST_SECONDS)).get("result") or {}
    base = phones_address()
    if base is None or not code or result.get("reply_code") != code:
        abort(404)
    return Response(qr_svg(f"{base}/reply/{code}"), mimetype="image/svg+xml")
