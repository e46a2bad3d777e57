"""Where pictures come from: cameras, video files and folders of images, read by one thread into a newest-frame slot."""

from vision.sources.frames import CameraState, Counts, Drop, Frame, Source

__all__ = ["CameraState", "Counts", "Drop", "Frame", "Source"]
