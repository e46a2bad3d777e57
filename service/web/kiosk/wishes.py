"""What somebody at the kiosk asks for, handed on to the door."""

from __future__ import annotations

import re
from typing import Final

from flask import Response, abort, request

from service.door.link import Command, Wish
from service.web.kiosk import blueprint
from service.web.kiosk.guard import for_change, onlooker
from service.web.kiosk.hub import Rate, hub

CODE: Final = re.compile(r"[\w.:/+-]{1,64}")
"""A staff number or what a badge's code says; the door looks it up, and the page learns no name."""
KEY: Final = re.compile(r"[\w-]{0,64}")
"""``arrival``: the key of whom the page speaks to, from its state; empty for whoever it is when the door hears it."""


@blueprint.post("/again")
@for_change
def again() -> Response:
    """Judge anew: 202; 429 after too many, 503 where the door does not answer."""
    return _hand_on(Command(Wish.LOOK_AGAIN, arrival=_arrival()), hub().again_rate)


@blueprint.post("/done")
@for_change
def done() -> Response:
    """They are done: the grace period ends now. Answers as `again`."""
    return _hand_on(Command(Wish.CANCEL, arrival=_arrival()), hub().again_rate)


@blueprint.post("/who")
@for_change
def who() -> Response:
    """Who they say they are (``code``): 202 whether anybody has this number or not; 400, 429 and 503."""
    code = request.form.get("code", "").strip()
    if not CODE.fullmatch(code):
        abort(400)
    return _hand_on(Command(Wish.WHO, code, _arrival()), hub().who_rate)


def _arrival() -> str:
    """Whom the wish is about. Aborts with 400 for what can be no key."""
    key = request.form.get("arrival", "")
    if not KEY.fullmatch(key):
        abort(400)
    return key


def _hand_on(command: Command, rate: Rate) -> Response:
    looking = onlooker()
    if not rate.allows(looking.holder):
        abort(429)
    if not hub().feed(looking.camera).send(command):
        abort(503)
    return Response(status=202)
