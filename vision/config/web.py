"""The pages, and what people and programs may send to them or get from them."""

from __future__ import annotations

from pydantic import Field

from vision.config.base import Section


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
