"""The shipped dress code with pieces of its text replaced."""

from __future__ import annotations

from pathlib import Path

from vision.policy import Policy, load_policy

CODE = Path(__file__).parent.parent / "dress_code.yaml"
LAST_PROFILE = "  formal: {title: {zh: 正式接待, en: Formal visits}, failing: [serious, minor]}\n"


def write_code(folder: Path, *pieces: tuple[str, str]) -> Path:
    """The shipped code in a file of `folder`, the first of each (old, new) piece replaced."""
    text = CODE.read_text(encoding="utf-8")
    for old, new in pieces:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "code.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def with_profiles(folder: Path, text: str) -> Policy:
    """The shipped code with more profiles, given as YAML at their place's indentation."""
    return load_policy(write_code(folder, (LAST_PROFILE, LAST_PROFILE + text)))


def line_of(path: Path, piece: str) -> int:
    """The line, from 1, of a piece of a file's text."""
    source = path.read_text(encoding="utf-8")
    return source[: source.index(piece)].count("\n") + 1
