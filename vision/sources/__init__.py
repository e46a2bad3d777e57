"""Where pictures come from: cameras, video files and folders of images, read by one thread into a newest-frame slot."""

from vision.sources.address import redact
from vision.sources.frames import CameraState, Counts, Drop, Frame, Source
from vision.sources.opening import open_source

__all__ = ["CameraState", "Counts", "Drop", "Frame", "Source", "open_source", "redact"]
