"""The deployment: ``config.yaml`` as sections named after the folders. `load_config` finds and reads it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from vision.errors import ConfigError
from vision.policy import nearest
from vision.redact import redacted
from vision.types import Wearer
from vision.yaml_lines import Place, load_lines

VARIABLE: Final = "DRESSCODE_CONFIG"
"""The environment variable that names the config file."""

ROOT: Final = Path(__file__).resolve().parent.parent
NETWORKS: Final = ("person", "clothing", "footwear", "badge")


def _from_folder(value: object, info: ValidationInfo) -> object:
    """A relative path counts from the folder of the file that names it."""
    folder = (info.context or {}).get("folder")
    if isinstance(value, str) and value and folder:
        return Path(folder) / Path(value).expanduser()
    return value


FilePath = Annotated[Path, BeforeValidator(_from_folder)]
DATABASE: Final = "database"
"""In place of a directory's file: it is kept in the store's database."""


def _from_folder_or_database(value: object, info: ValidationInfo) -> object:
    return value if value == DATABASE else _from_folder(value, info)


DirectoryPath = Annotated[Path | Literal["database"], BeforeValidator(_from_folder_or_database)]


RecordedOutcome = Literal["pass", "fail", "unsure", "visitor", "error"]
"""Of an arrival, as the store has it."""


class Section(BaseModel):
    """A part of the config: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


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
    badge: FilePath | None = Field(default=None, title="Badge network", description="As for person.")


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


class CameraSection(Section):
    """One camera, by its name under ``cameras``."""

    source: str = Field(
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


class StoreSection(Section):
    """Where arrivals and their pictures are kept, and how long."""

    url: str | None = Field(
        default=None,
        title="Database",
        description="An SQLAlchemy URL, or env:NAME for one in the environment; null is SQLite in the store's folder.",
    )
    folder: FilePath | None = Field(
        default=None, title="Folder", description="Of pictures and the database; null is ./data, where it runs."
    )
    time_zone: str = Field(default="Asia/Shanghai", title="Time zone", description="The site's; a day begins in it.")
    picture_days: int = Field(default=30, ge=0, title="Pictures", description="Days until a picture is deleted.")
    row_months: int = Field(
        default=13, ge=1, title="Rows", description="Months until a row no longer says whose it is."
    )
    picture_days_by_outcome: dict[RecordedOutcome, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, title="Pictures by outcome", description="Days in place of picture_days."
    )
    row_months_by_outcome: dict[RecordedOutcome, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict, title="Rows by outcome", description="Months in place of row_months."
    )
    faces: Literal["unless-failed", "never", "always"] = Field(
        default="unless-failed",
        title="Faces",
        description="When a stored picture may show the face: where a clause about it failed, never, or always.",
    )
    min_free_megabytes: int = Field(
        default=1024, ge=0, title="Free space", description="Of the disk; below it old pictures are deleted."
    )
    max_pictures_megabytes: int = Field(
        default=0, ge=0, title="Most pictures", description="Above it old pictures are deleted; 0 is without limit."
    )
    room_order: tuple[RecordedOutcome, ...] = Field(
        default=("pass", "visitor", "unsure", "error", "fail"),
        title="Whose pictures go",
        description="For want of space, first to last and the oldest first; outcomes left out keep theirs.",
    )


class WebSection(Section):
    """The pages."""

    host: str = Field(default="127.0.0.1", title="Host", description="The address to listen on.")
    port: int = Field(default=8080, ge=0, le=65535, title="Port", description="0 takes a free one.")
    address: str | None = Field(
        default=None,
        title="Address",
        pattern="^https?://",
        description="Where people's phones and kiosks reach the pages; null is the address they were asked for by.",
    )
    kiosks: int = Field(
        default=4, ge=0, le=100, title="Kiosks", description="Kiosk pages open at once; each holds two threads."
    )
    https: bool = Field(
        default=False, title="HTTPS", description="Whether browsers reach it by https alone; cookies then need it."
    )
    proxies: int = Field(
        default=0, ge=0, le=5, title="Proxies", description="Proxies in front whose forwarded headers can be believed."
    )


class UploadSection(Section):
    """Pictures and reports that are sent from the browser."""

    max_megabytes: float = Field(
        default=20, gt=0, le=1000, title="Largest picture", description="In megabytes, of the file that is sent."
    )
    max_megapixels: float = Field(
        default=40, gt=0, le=1000, title="Most pixels", description="In millions; larger ones are not decoded."
    )
    max_files: int = Field(default=50, ge=1, le=1000, title="Files", description="Pictures of one request.")
    waiting: int = Field(
        default=100, ge=1, le=10000, title="Waiting", description="Pictures that wait for the check; more are refused."
    )
    report_megabytes: float = Field(
        default=200, gt=0, le=10000, title="Largest report", description="In megabytes, of a report's zip file."
    )


class ReplySection(Section):
    """The right of reply: people see their own arrival by a code and may contest a finding."""

    days: int = Field(default=30, ge=0, le=366, title="Days", description="How long a code holds; 0 gives none out.")
    contests: int = Field(
        default=5, ge=1, le=100, title="Contests", description="How often one arrival's findings can be contested."
    )
    wrong_codes: int = Field(
        default=10,
        ge=1,
        le=10000,
        title="Wrong codes",
        description="From one address in ten minutes; then it must wait.",
    )


class WebhooksSection(Section):
    """Where messages about flagged arrivals may go, besides public addresses over https."""

    http: bool = Field(default=False, title="Plain HTTP", description="Also without encryption.")
    private: bool = Field(
        default=False, title="Private addresses", description="Also of this machine and of the site's own network."
    )


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


def packaged(name: str) -> Path:
    """A default that comes with the program: beside `service` when installed, at the top of a checkout."""
    installed = ROOT / "service" / "defaults" / name
    return installed if installed.is_file() else ROOT / name


def find_config(given: Path | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """The config file to use: the given one, the one in `VARIABLE`, ``./config.yaml``, the packaged one.

    Raises `ConfigError` when a file that was asked for does not exist.
    """
    named = (environ if environ is not None else os.environ).get(VARIABLE)
    for path, origin in ((given, "--config"), (Path(named) if named else None, VARIABLE)):
        if path is not None:
            if not path.is_file():
                raise ConfigError(f"{path}: no such config file (from {origin})")
            return path
    local = Path("config.yaml")
    return local if local.is_file() else packaged("config.yaml")


def load_config(given: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Finds and reads the config.

    Raises `ConfigError` with file, line, key, value and the nearest known key for anything that is wrong in it.
    """
    return read_config(find_config(given, environ).absolute())


def read_config(path: Path) -> Config:
    """The config in one YAML file; errors as `load_config`."""
    data, lines = load_lines(path)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}:1: sections are expected ({', '.join(SECTIONS)}), got {str(data)[:40]!r}")
    data = {key: {} if value is None else value for key, value in data.items()}
    _refuse_source(path, data, lines)
    try:
        config = Config.model_validate(data, context={"folder": path.parent})
    except ValidationError as error:
        raise ConfigError(_complaint(path, lines, error.errors(include_url=False)[0])) from error
    return config.model_copy(update={"source": path})


def _refuse_source(path: Path, data: Mapping[Any, Any], lines: Mapping[Place, int]) -> None:
    for key in data:
        if key not in SECTIONS:
            raise ConfigError(f"{path}:{lines.get((str(key),), 1)}: {key}: unknown section{_hint(str(key), SECTIONS)}")


def _complaint(path: Path, lines: Mapping[Place, int], error: ErrorDetails) -> str:
    place: Place = tuple(error["loc"])
    line = next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), 1)
    where = f"{path}:{line}: {'.'.join(map(str, place))}"
    if error["type"] == "extra_forbidden":
        section = CameraSection if place[0] == "cameras" else type(getattr(Config(), str(place[0])))
        known = section.model_fields
        return f"{where}: unknown key{_hint(str(place[-1]), known)}"
    return f"{where}: {error['msg'].lower()}, got {redacted(repr(error['input']))}"


def _hint(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else f"; known: {', '.join(known)}"


SECTIONS: Final = tuple(name for name in Config.model_fields if name != "source")
