"""Adds a profile to a dress code's file: text at the right place, everything else stays letter by letter."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import yaml

from vision.errors import PolicyError
from vision.policy import Policy, Title, load_policy, nearest

NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"


def add_profile(path: Path, name: str, extends: str, title: Title | None) -> Policy:
    """Writes the profile into the file and returns the policy that it holds now; without a title it is inherited.

    Raises `PolicyError`, with nothing changed, where the file, the name or the extended profile is wrong; `OSError`
    where the file can't be written.
    """
    before = load_policy(path)
    _check_names(path, before, name, extends)
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    part = path.resolve().with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(insert_profile(text, name, extends, title), encoding="utf-8", newline="")
        after = _read_candidate(part, path)
        if not _only_added(before, after, name):
            raise PolicyError(f"{path}: the profile {name!r} cannot be put in without touching the rest: do it by hand")
        shutil.copymode(path, part)
        os.replace(part, path.resolve())
        return after
    finally:
        part.unlink(missing_ok=True)


def insert_profile(text: str, name: str, extends: str, title: Title | None) -> str:
    """The file's text with one more profile after the last one. Raises `PolicyError` where there are no profiles."""
    mark = text.startswith("\ufeff")
    profiles = _profiles(text[mark:])
    key, value = profiles.value[-1]
    end = _end(value) + mark
    if profiles.flow_style:
        return f"{text[:end]}, {_inline(name, extends, title)}{text[end:]}"
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = newline.join(_block(name, extends, title, " " * key.start_mark.column)) + newline
    at = end if end and text[end - 1] == "\n" else text.find("\n", end) + 1
    if at == 0:
        return text + newline + lines
    return text[:at] + lines + text[at:]


def _check_names(path: Path, policy: Policy, name: str, extends: str) -> None:
    if not re.fullmatch(NAME, name) or yaml.safe_load(name) != name:
        raise PolicyError(f"{name!r} is no name for a profile: lower-case letters, digits and hyphens are")
    if name in policy.profiles:
        raise PolicyError(f"{path}: there is a profile {name!r} already")
    if extends not in policy.profiles:
        near = nearest(extends, policy.profiles)
        hint = f"; did you mean {near!r}?" if near else f"; known: {', '.join(policy.profiles)}"
        raise PolicyError(f"{path}: unknown profile, got {extends!r}{hint}")


def _read_candidate(part: Path, path: Path) -> Policy:
    try:
        return load_policy(part)
    except PolicyError as error:
        raise PolicyError(str(error).replace(str(part), str(path))) from error


def _only_added(before: Policy, after: Policy, name: str) -> bool:
    rest = {n: profile for n, profile in after.profiles.items() if n != name}
    unchanged = after.model_copy(update={"profiles": rest}).model_dump() == before.model_dump()
    return unchanged and name in after.profiles


def _profiles(text: str) -> yaml.MappingNode:
    root = yaml.compose(text, yaml.SafeLoader)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else []:
        if key.value == "profiles" and isinstance(value, yaml.MappingNode) and value.value:
            return value
    raise PolicyError("profiles: a mapping with at least one profile is expected")


def _end(node: yaml.Node) -> int:
    """Where a value's text ends; the mark of a block only says where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _block(name: str, extends: str, title: Title | None, indent: str) -> list[str]:
    lines = [f"{indent}{name}:", f"{indent}  extends: {extends}"]
    return [*lines, f"{indent}  title: {_titled(title)}"] if title else lines


def _inline(name: str, extends: str, title: Title | None) -> str:
    return f"{name}: {{extends: {extends}, title: {_titled(title)}}}" if title else f"{name}: {{extends: {extends}}}"


def _titled(title: Title) -> str:
    """A flow mapping; JSON's strings are YAML's, too."""
    zh, en = (json.dumps(text, ensure_ascii=False) for text in (title.zh, title.en))
    return f"{{zh: {zh}, en: {en}}}"
