"""What every page needs: the config, the dress code and the store, kept with the application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, cast

from flask import current_app

from service.store.opening import Store
from vision.config import Config
from vision.policy import Policy

NAME: Final = "dresscode"


@dataclass(frozen=True, slots=True)
class Site:
    """One deployment."""

    config: Config
    policy: Policy
    store: Store
    clause_texts: dict[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)
    """By clause and language, those that a page has shown."""


def site() -> Site:
    """The deployment of the application that answers."""
    return cast(Site, current_app.extensions[NAME])
