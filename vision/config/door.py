"""The cameras, and when somebody before one of them is an arrival."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from vision.config.base import Section, from_folder


def _source(value: object, info: ValidationInfo) -> object:
    """A device's number may stand without quotes; the path of a film or a folder counts from the config's folder."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value or value.strip().isdecimal() or "://" in value:
        return value
    return str(from_folder(value, info))


class CameraSection(Section):
    """One camera, by its name under ``cameras``."""

    source: Annotated[str, BeforeValidator(_source)] = Field(
        min_length=1,
        title="Source",
        description="A device number or /dev path, an rtsp:// or http:// address, a video file, or a folder of images.",
    )
    door: str | None = Field(default=None, title="Door", description="The door it watches; null is the camera's name.")
    zone: tuple[tuple[float, float], ...] | None = Field(
        default=None,
        title="Zone",
        description="Where arrivals stand with their feet: corners [x, y] in shares of the picture; null is anywhere.",
    )
    user_variable: str | None = Field(
        default=None, title="User", description="The environment variable that holds the user name."
    )
    password_variable: str | None = Field(
        default=None, title="Password", description="The environment variable that holds the password."
    )
    size: tuple[Annotated[int, Field(ge=160, le=8192)], Annotated[int, Field(ge=120, le=8192)]] = Field(
        default=(1280, 720),
        title="Size",
        description="Width and height in pixels that a USB camera is asked for; it gives the nearest that it has.",
    )
    turned: Literal[0, 90, 180, 270] = Field(
        default=0, title="Turned", description="Degrees by which its pictures are turned clockwise."
    )
    frozen_seconds: float = Field(
        default=10, ge=1, title="Frozen", description="So long the very same pixels mean that the picture is frozen."
    )
    still_seconds: float = Field(
        default=3600,
        ge=5,
        title="Still",
        description="So long a picture that is the same but for noise means frozen; more than a hall may stand empty.",
    )
    fast: bool = Field(
        default=False, title="Fast", description="A video file as fast as it can be processed, not in real time."
    )

    @field_validator("zone")
    @classmethod
    def _area(cls, zone: tuple[tuple[float, float], ...] | None) -> tuple[tuple[float, float], ...] | None:
        if zone is not None and (len(zone) < 3 or any(not 0 <= v <= 1 for corner in zone for v in corner)):
            raise ValueError("at least three corners with x and y from 0 to 1 are expected")
        return zone


class DoorSection(Section):
    """When somebody is an arrival, and how long they may take."""

    near: float = Field(
        default=0.4,
        gt=0,
        le=1,
        title="Near",
        description="The least height of a person, as a share of the picture's; who stays smaller passes by.",
    )
    still_ms: int = Field(
        default=500, ge=100, le=10000, title="Standing still", description="Milliseconds that make an arrival."
    )
    still_speed: float = Field(
        default=0.16,
        gt=0,
        le=2,
        title="Stillness",
        description="Somebody who moves less than this share of their own height in a second stands still.",
    )
    absent_seconds: float = Field(
        default=1.5, gt=0, le=60, title="Absent", description="Unseen for so long, somebody has left the picture."
    )

    grace_seconds: float = Field(
        default=20, ge=0, le=600, title="Grace", description="To fix what is wrong, or to step back into the picture."
    )
    mirror_fps: float = Field(
        default=15, gt=0, le=60, title="Mirror", description="Pictures a second for the kiosk, at most."
    )
    mirror_side: int = Field(
        default=1280, ge=160, le=4096, title="Mirror's size", description="Longer side of those pictures, in pixels."
    )
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        title="Metrics port",
        description="On loopback, for Prometheus, beside the Unix socket that the pages ask; 0 takes a free one.",
    )
