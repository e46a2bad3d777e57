"""When somebody is an arrival, as the config says it."""

from __future__ import annotations

from vision.config import CameraSection, Config
from vision.presence import WHOLE, Rules


def rules_of(config: Config, camera: CameraSection | None = None) -> Rules:
    """When somebody is an arrival."""
    door = config.door
    return Rules(
        zone=camera.zone if camera and camera.zone else WHOLE,
        near=door.near,
        still=door.still_ms / 1000,
        speed=door.still_speed,
        absent=door.absent_seconds,
        grace=door.grace_seconds,
    )
