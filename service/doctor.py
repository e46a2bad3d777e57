"""``dresscode doctor``: what is installed, which weights, which device, and what is missing.

Nothing heavy is imported here: libraries that may lack a system library are tried in a process of their own.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from models.manifest import read_manifest, read_thresholds, read_toml, sha256
from vision.config import NETWORKS, Config, load_config
from vision.errors import ConfigError, DresscodeError

PACKAGES: Final[Mapping[str, str]] = {
    "libGL.so": "libgl1", "libGLESv2.so": "libgles2", "libEGL.so": "libegl1", "libglib-2.0.so": "libglib2.0-0",
    "libgthread-2.0.so": "libglib2.0-0", "libSM.so": "libsm6", "libICE.so": "libice6", "libXext.so": "libxext6",
    "libXrender.so": "libxrender1", "libX11.so": "libx11-6", "libxcb.so": "libxcb1", "libgomp.so": "libgomp1",
    "libusb-1.0.so": "libusb-1.0-0", "libstdc++.so": "libstdc++6", "libportaudio.so": "libportaudio2",
}  # fmt: skip
"""Debian's packages by the beginning of a system library's name."""
FEATURES: Final = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512_vnni": "VNNI",
    "amx_int8": "AMX int8",
    "amx_bf16": "AMX bf16",
}
DEVICES: Final = "import openvino as o; c = o.Core(); print(*(f'{d} ({c.get_property(d, \"FULL_DEVICE_NAME\")})' for d in c.available_devices), sep=', ')"  # noqa: E501
SIGNS: Final = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "missing": "[bold red]missing[/]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `state` is ok, note (the program runs without it) or missing; `remedy` is what to do."""

    name: str
    state: str
    detail: str
    remedy: str = ""


def report(config_file: Path | None, as_json: bool = False) -> int:
    """Prints what was found; exit status 1 if something that is needed is missing."""
    findings = list(examine(config_file))
    healthy = all(f.state != "missing" for f in findings)
    if as_json:
        print(json.dumps({"healthy": healthy, "findings": [asdict(f) for f in findings]}, indent=2, ensure_ascii=False))
    else:
        _show(findings, healthy)
    return 0 if healthy else 1


def examine(config_file: Path | None) -> Iterator[Finding]:
    """All findings, in the order in which they are read."""
    yield _python()
    yield from libraries()
    yield from (_import(module) for module in ("cv2", "mediapipe"))
    yield _train_extra()
    yield _cpu()
    yield _devices()
    config = None
    try:
        config = load_config(config_file)
        yield Finding("config", "ok", str(config.source))
    except ConfigError as error:
        yield Finding("config", "missing", str(error))
    if config:
        yield _policy(config)
        yield from _weights(config)
        yield site_examples(config)


def _python() -> Finding:
    text = f"{platform.python_version()} on {platform.platform()}"
    fits = (3, 10) <= sys.version_info[:2] <= (3, 12)
    return Finding("Python", "ok" if fits else "note", text, "" if fits else "3.10 to 3.12 are supported")


def libraries() -> Iterator[Finding]:
    """The libraries that the installed program asks for."""
    try:
        names = [line for line in requires("dresscode") or () if "extra ==" not in line]
    except PackageNotFoundError:
        yield Finding("dresscode", "missing", "not installed, only its files are here", "pip install -e .")
        return
    yield from (_library(name_of(line)) for line in names if needed(line))


def needed(requirement: str) -> bool:
    """Whether a requirement is meant for this Python; ``python_version <`` is the only marker in use."""
    found = re.search(r"python_version\s*<\s*['\"](\d+)\.(\d+)", requirement)
    return not found or sys.version_info[:2] < (int(found[1]), int(found[2]))


def name_of(requirement: str) -> str:
    """The library that a requirement names."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _library(name: str) -> Finding:
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        return Finding(name, "missing", "not installed", "pip install dresscode")


def _import(module: str) -> Finding:
    done, text = _python_says(f"import {module}; print({module}.__version__)")
    if done:
        return Finding(f"import {module}", "ok", text)
    return Finding(f"import {module}", "missing", text, remedy_for(text))


def remedy_for(error: str) -> str:
    """The install line for the system library that an import error names."""
    found = re.search(r"(lib[\w.+-]+\.so)[\w.]*: cannot open shared object", error)
    if not found:
        return ""
    package = next((p for start, p in PACKAGES.items() if found[1].startswith(start)), None)
    return f"sudo apt-get install -y {package}" if package else f"install the package that has {found[1]}"


def _train_extra() -> Finding:
    found = [_library(name) for name in extra_names()]
    if found and all(f.state == "ok" for f in found):
        return Finding("train extra", "ok", ", ".join(f"{f.name} {f.detail}" for f in found))
    missing = ", ".join(f.name for f in found if f.state != "ok") or "the extra"
    return Finding(
        "train extra", "note", f"without {missing}: no training, no .pt networks", "pip install 'dresscode[train]'"
    )


def extra_names() -> list[str]:
    """The libraries of the train extra, and PyTorch, which they bring."""
    try:
        lines = [line for line in requires("dresscode") or () if re.search(r"extra == ['\"]train['\"]", line)]
    except PackageNotFoundError:
        return []
    return [*map(name_of, lines), "torch"]


def _cpu() -> Finding:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Finding("CPU", "ok", platform.processor() or platform.machine())
    flags = set((re.search(r"^flags\s*: (.*)$", text, re.M) or ["", ""])[1].split())
    model = (re.search(r"^model name\s*: (.*)$", text, re.M) or ["", platform.machine()])[1]
    known = [title for flag, title in FEATURES.items() if flag in flags]
    return Finding("CPU", "ok", f"{model}; {', '.join(known) or 'no AVX2'}")


def _devices() -> Finding:
    done, text = _python_says(DEVICES)
    return Finding("OpenVINO devices", "ok" if done else "missing", text, "" if done else remedy_for(text))


def _policy(config: Config) -> Finding:
    try:
        from vision.policy import load_policy

        policy = load_policy(config.policy_path)
    except (DresscodeError, ImportError) as error:
        return Finding("policy", "missing", str(error))
    return Finding(
        "policy", "ok", f"{config.policy_path}: {policy.name.en}, {policy.version}, {len(policy.clauses)} clauses"
    )


def _weights(config: Config) -> Iterator[Finding]:
    folder = config.weights_dir
    try:
        tables = read_toml(folder / "weights.toml")
    except (DresscodeError, OSError) as error:
        yield Finding("weights", "missing", str(error))
        return
    yield _complete(folder)
    for name, table in tables.items():
        if isinstance(table, dict) and "file" in table:
            own = config.network(name) if name in NETWORKS else None
            yield _own(name, own) if own else check_files(name, folder, table)


def _complete(folder: Path) -> Finding:
    try:
        read_manifest(folder)
        read_thresholds(folder)
    except DresscodeError as error:
        return Finding("weights", "missing", str(error))
    return Finding("weights", "ok", str(folder))


def site_examples(config: Config) -> Finding:
    """The site's examples; without any, the clauses that need them are unsure, and the program runs."""
    from models.examples import read_spaces
    from vision.example_sets import load_all

    remedy = "dresscode examples add uniform DIR"
    try:
        if not (found := load_all(config.examples_dir)):
            return Finding("examples", "note", f"{config.examples_dir}: none of the uniform or the tool bag", remedy)
        space = next(iter(read_spaces(config.weights_dir).values()))
        load_all(config.examples_dir, space.key)
    except DresscodeError as error:
        return Finding("examples", "missing", str(error))
    counts = ", ".join(f"{kind} {len(examples.points)}" for kind, examples in found.items())
    return Finding("examples", "ok", f"{config.examples_dir}: {counts}")


def _own(name: str, path: Path) -> Finding:
    state = "ok" if path.is_file() else "missing"
    return Finding(f"weights {name}", state, f"{path} (from the config)")


def check_files(name: str, folder: Path, table: Mapping[str, Any]) -> Finding:
    """Whether a network's files are there and have the hashes of its table in ``weights.toml``."""
    title, first = f"weights {name}", folder / str(table["file"])
    wanted = {first: table.get("sha256"), first.with_suffix(".bin"): table.get("sha256_bin")}
    if first.suffix != ".xml":
        del wanted[first.with_suffix(".bin")]
    for path, digest in wanted.items():
        if not path.is_file():
            return Finding(title, "missing", f"{path.name} is not there", "take the weights folder of this version")
        if digest and sha256(path) != digest:
            return Finding(
                title, "missing", f"{path.name} differs from weights.toml", "take it from this version again"
            )
    size = sum(path.stat().st_size for path in wanted) / 1e6
    digest = next((d for d in reversed(wanted.values()) if d), None)
    return Finding(title, "ok", f"{first.name}, {size:.1f} MB, sha256 {str(digest)[:12] if digest else 'not recorded'}")


def _python_says(code: str) -> tuple[bool, str]:
    """Whether a fresh interpreter can run the code, and its last line."""
    try:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    text = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return done.returncode == 0, text[-1] if text else f"exit status {done.returncode}"


def _show(findings: list[Finding], healthy: bool) -> None:
    console = Console()
    table = Table("", "", Column(overflow="fold"), box=None, show_header=False, padding=(0, 2, 0, 0))
    for f in findings:
        remedy = f"\n[cyan]{escape(f.remedy)}[/]" if f.remedy else ""
        table.add_row(SIGNS[f.state], f.name, escape(f.detail) + remedy)
    console.print(table)
    console.print("Everything that is needed is here." if healthy else "[bold red]Something is missing; see above.[/]")
