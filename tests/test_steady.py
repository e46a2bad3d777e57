"""Frames that are let go are given back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHILD = """
import sys
from pathlib import Path
import numpy as np
from service.door.steady import steady_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

told = steady_memory()
np.ones(30 * 2**20, np.uint8)  # glibc would raise its limit to this size, and cut frames from its heap
frames, small = [], []
for i in range(200):
    frames.append(np.ones(720 * 1280 * 3, np.uint8))
    small.append(bytearray(2000))  # what stays between the frames
full = resident()
del frames
print(int(told), full - resident())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the allocator is glibc's")
def test_frames_are_given_back() -> None:
    told, back = subprocess.run(
        [sys.executable, "-c", CHILD], check=True, capture_output=True, text=True
    ).stdout.split()  # a process of its own: the allocator cannot be told otherwise afterwards
    assert told == "1"
    assert float(back) > 500
