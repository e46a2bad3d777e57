"""The pages: an application factory, and one blueprint for each audience (kiosk, review, reports, admin, reply, API).

They read and write through `service.store`. No SQL beyond its functions, no capture, and no judging may live here.
"""

from service.web.app import create_app

__all__ = ["create_app"]
