"""What a check needs: how far it looks, the networks, the policy, who is who."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from vision.config.base import DirectoryPath, FilePath, Section
from vision.types import Wearer

NETWORKS: Final = ("person", "clothing", "footwear", "badge")


class VisionSection(Section):
    """What is looked at, and how far."""

    min_person_height: int = Field(
        default=120, ge=16, title="Smallest person", description="Height in pixels; smaller people are passed over."
    )
    max_megapixels: float = Field(
        default=100,
        gt=0,
        le=1000,
        title="Largest picture",
        description="In millions of pixels; larger ones are refused before they are decoded.",
    )


class ModelsSection(Section):
    """The networks: where their weights lie and what they run on."""

    weights: FilePath | None = Field(
        default=None, title="Weights folder", description="null takes the weights that come with the program."
    )
    device: str = Field(
        default="CPU", min_length=1, title="Device", description="An OpenVINO device name: CPU, GPU, AUTO."
    )
    threads: int = Field(
        default=0, ge=0, le=1024, title="Threads", description="Inference threads of one worker; 0 takes all cores."
    )
    person: FilePath | None = Field(
        default=None, title="Person network", description="A .xml or .pt file in place of the packaged one."
    )
    clothing: FilePath | None = Field(default=None, title="Clothing network", description="As for person.")
    footwear: FilePath | None = Field(default=None, title="Footwear network", description="As for person.")
    badge: FilePath | None = Field(
        default=None, title="Badge network", description="As for person; it tells the sides of cards by itself."
    )


class ServiceSection(Section):
    """What people touch: the policy, the defaults of a check, and what it writes."""

    policy: FilePath | None = Field(
        default=None, title="Policy", description="dress_code.yaml; null takes the packaged one."
    )
    profile: str | None = Field(
        default=None, title="Profile", description="The occasion; null takes the policy's default."
    )
    wearer: Wearer | None = Field(
        default=None,
        title="Wearer",
        description="Whom the code addresses unless told otherwise; null takes the policy's default.",
    )
    out: FilePath | None = Field(
        default=None, title="Output folder", description="null is ./out, where the command runs."
    )
    workers: int = Field(
        default=1, ge=1, le=256, title="Workers", description="Processes that check pictures side by side."
    )
    picture_max_side: int = Field(
        default=1600, ge=320, le=10000, title="Annotated picture", description="Longest side in pixels."
    )
    jpeg_quality: int = Field(default=85, ge=30, le=100, title="JPEG quality", description="Of annotated pictures.")
    log_format: Literal["text", "json"] = Field(
        default="text", title="Log format", description="Of watch and serve: lines to read, or a JSON object each."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", title="Log level", description="The least that is logged by watch and serve."
    )


class StaffSection(Section):
    """Who the people are: lists that are kept apart from the program."""

    directory: DirectoryPath | None = Field(
        default=None,
        title="Staff directory",
        description="CSV: staff number, name, department, wearer, badge, kind; or the word database.",
    )
    exemptions: FilePath | None = Field(
        default=None,
        title="Exemptions",
        description="CSV: staff number, clauses, from, to, reason; the database holds its own.",
    )


class ExamplesSection(Section):
    """A site's own pictures of its uniform and its tool bag, kept as numbers."""

    folder: FilePath | None = Field(
        default=None,
        title="Examples folder",
        description="Where `dresscode examples add` keeps what it learned; null is ./examples, where the command runs.",
    )
