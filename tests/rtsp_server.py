"""A real RTSP server for the tests, run by the system's Python: ``rtsp_server.py PORT PATTERN WIDTH HEIGHT``.

PATTERN is a GStreamer test pattern (ball, smpte), or the path of an AVI file of JPEG pictures, which plays in real time
from its beginning for whoever connects first. With a user name and a password in RTSP_USER and RTSP_PASSWORD it asks
for them.
"""

import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def pictures(pattern: str, width: str, height: str) -> str:
    """Where the pictures come from, as GStreamer writes it."""
    if os.path.isfile(pattern):
        return f'filesrc location="{pattern}" ! avidemux ! jpegdec ! videoconvert ! video/x-raw,format=I420'
    size = f"video/x-raw,width={width},height={height},framerate=15/1"
    return f"videotestsrc is-live=true pattern={pattern} ! {size}"


def protect(server: object, factory: object, user: str, password: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "door")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    role = Gst.Structure.new_empty("door")
    role.set_value("media.factory.access", True)
    role.set_value("media.factory.construct", True)
    factory.add_role_from_structure(role)


def main() -> None:
    port, pattern, width, height = sys.argv[1:5]
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( {pictures(pattern, width, height)} "
        "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay name=pay0 pt=96 )"
    )
    factory.set_shared(True)
    if os.environ.get("RTSP_USER"):
        protect(server, factory, os.environ["RTSP_USER"], os.environ["RTSP_PASSWORD"])
    server.get_mount_points().add_factory("/door", factory)
    server.attach(None)
    server.connect("client-connected", lambda *_: print("connected", flush=True))
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
