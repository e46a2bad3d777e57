"""The sections together, and the folders and files that they lead to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pydantic import Field

from vision.config.base import Section
from vision.config.checking import ExamplesSection, ModelsSection, ServiceSection, StaffSection, VisionSection
from vision.config.door import CameraSection, DoorSection
from vision.config.store import StoreSection
from vision.config.web import ReplySection, UploadSection, WebhooksSection, WebSection
from vision.errors import ConfigError

ROOT: Final = Path(__file__).resolve().parent.parent.parent
"""The folder of the packages: a checkout, or where they were installed."""


class Config(Section):
    """A whole ``config.yaml``; `source` is the file it came from, None for built-in defaults."""

    vision: VisionSection = VisionSection()
    models: ModelsSection = ModelsSection()
    service: ServiceSection = ServiceSection()
    staff: StaffSection = StaffSection()
    examples: ExamplesSection = ExamplesSection()
    cameras: dict[str, CameraSection] = Field(default_factory=dict)
    door: DoorSection = DoorSection()
    store: StoreSection = StoreSection()
    web: WebSection = WebSection()
    upload: UploadSection = UploadSection()
    reply: ReplySection = ReplySection()
    webhooks: WebhooksSection = WebhooksSection()
    source: Path | None = Field(default=None, exclude=True)

    @property
    def weights_dir(self) -> Path:
        """The folder of the weights: the configured one, else the packaged one."""
        return self.models.weights or ROOT / "models" / "weights"

    @property
    def policy_path(self) -> Path:
        """The dress code: the configured one, else the packaged one."""
        return self.service.policy or packaged("dress_code.yaml")

    @property
    def out_dir(self) -> Path:
        """Where a check writes when the command line does not say."""
        return self.service.out or Path("out")

    @property
    def examples_dir(self) -> Path:
        """Where the site's examples are kept; it need not exist."""
        return self.examples.folder or Path("examples")

    @property
    def store_dir(self) -> Path:
        """Where arrivals and pictures are kept; it need not exist."""
        return self.store.folder or Path("data")

    @property
    def pictures_dir(self) -> Path:
        """The folder of pictures; paths in the database count from it."""
        return self.store_dir / "pictures"

    @property
    def database_url(self) -> str:
        """The URL of the database. Raises `ConfigError` where the environment variable that holds it is not set."""
        url = self.store.url
        if url is None:
            return f"sqlite:///{self.store_dir.absolute() / 'dresscode.db'}"
        if url.startswith("env:"):
            held = os.environ.get(url[4:])
            if not held:
                raise ConfigError(f"store.url: the environment variable {url[4:]} is not set")
            return held
        return url

    def network(self, name: str) -> Path | None:
        """The file configured in place of a packaged network, if any; `name` is one of `NETWORKS`."""
        path = getattr(self.models, name)
        return path if isinstance(path, Path) else None


SECTIONS: Final = tuple(name for name in Config.model_fields if name != "source")


def packaged(name: str) -> Path:
    """A default that comes with the program: beside `service` when installed, at the top of a checkout."""
    installed = ROOT / "service" / "defaults" / name
    return installed if installed.is_file() else ROOT / name
