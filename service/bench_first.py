"""A fresh process of ``dresscode bench``: prints a line at the first result, then the peak memory as JSON."""

from __future__ import annotations

import json
import resource
import sys
from datetime import date as Date
from pathlib import Path

from service.check import make_factory
from vision.config import load_config
from vision.pictures import read_picture
from vision.policy import load_policy

ROUNDS = 5
"""Checks after the first, so that the peak includes what is allocated later."""


def main(picture: str, config_file: str) -> None:
    """Checks the picture several times."""
    config = load_config(Path(config_file) if config_file else None)
    policy = load_policy(config.policy_path)
    occasion = policy.occasion(None, None, Date.today())
    checker, image = make_factory(config, policy)(), read_picture(Path(picture))
    checker.check(image, occasion)
    print("first", flush=True)
    for _ in range(ROUNDS):
        checker.check(image, occasion)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    print(json.dumps({"peak_mib": peak}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
