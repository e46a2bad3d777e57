"""The deployment: ``config.yaml`` as sections named after the folders. `load_config` finds and reads it.

A file holds the sections of one subject; whoever needs one takes it from here.
"""

from __future__ import annotations

from vision.config.base import DATABASE, Section
from vision.config.checking import (
    NETWORKS,
    ExamplesSection,
    ModelsSection,
    ServiceSection,
    StaffSection,
    VisionSection,
)
from vision.config.door import CameraSection, DoorSection
from vision.config.reading import VARIABLE, find_config, load_config, read_config
from vision.config.store import RecordedOutcome, StoreSection
from vision.config.web import ReplySection, UploadSection, WebhooksSection, WebSection
from vision.config.whole import ROOT, SECTIONS, Config, packaged

__all__ = [
    "DATABASE",
    "NETWORKS",
    "ROOT",
    "SECTIONS",
    "VARIABLE",
    "CameraSection",
    "Config",
    "DoorSection",
    "ExamplesSection",
    "ModelsSection",
    "RecordedOutcome",
    "ReplySection",
    "Section",
    "ServiceSection",
    "StaffSection",
    "StoreSection",
    "UploadSection",
    "VisionSection",
    "WebSection",
    "WebhooksSection",
    "find_config",
    "load_config",
    "packaged",
    "read_config",
]
