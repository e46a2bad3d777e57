"""The charts of the reports as SVG files, drawn by pygal without a script; readable in greyscale by their patterns."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

FONT: Final = "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', 'Segoe UI', Roboto, sans-serif"
COLOURS: Final[Mapping[str, str]] = {
    "fail": "#a61b1b", "unsure": "#c98a00", "pass": "#2f7d4f", "visitor": "#3f6fb5", "error": "#555555",
    "review": "#6b5bb0", "confirmed": "#a61b1b", "overturned": "#9aa7b4",
}  # fmt: skip
PATTERNS: Final[Mapping[str, str]] = {
    "unsure": '<path d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4" stroke="{ink}" stroke-width="2.4"/>',
    "pass": "",
    "visitor": '<circle cx="4" cy="4" r="1.7" fill="{ink}"/>',
    "error": '<path d="M0,4 h8 M4,0 v8" stroke="{ink}" stroke-width="1.4"/>',
    "review": '<path d="M4,0 v8" stroke="{ink}" stroke-width="3"/>',
    "overturned": '<path d="M0,4 h8" stroke="{ink}" stroke-width="2"/>',
}
"""What is drawn over a series' ground, so that a grey print tells them apart; a series without is solid."""
PALE: Final[Mapping[str, str]] = {"pass": "#dfeee4"}


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of bar: its code in `COLOURS`, its name in the page's language, a value for each label."""

    code: str
    name: str
    values: Sequence[float]


def stacked(title: str, labels: Sequence[str], series: Sequence[Series], wide: int = 1000) -> bytes:
    """Bars on top of each other, an SVG file. `wide` is in the file's own units; a page scales it."""
    return _drawn("StackedBar", title, labels, series, wide, 380)


def lying(title: str, labels: Sequence[str], series: Sequence[Series]) -> bytes:
    """Lying bars, one a label, the first on top: for long names such as clauses."""
    turned = [Series(s.code, s.name, list(reversed(s.values))) for s in series]
    high = 120 + 34 * max(1, len(labels))
    return _drawn("HorizontalStackedBar", title, list(reversed(labels)), turned, 1000, high)


def _drawn(kind: str, title: str, labels: Sequence[str], series: Sequence[Series], wide: int, high: int) -> bytes:
    chart = getattr(_pygal(), kind)(
        title=title,
        width=wide,
        height=high,
        explicit_size=False,
        js=[],
        style=_style([s.code for s in series]),
        legend_at_bottom=True,
        legend_at_bottom_columns=max(1, len(series)),
        show_minor_x_labels=False,
        x_label_rotation=0,
        truncate_label=-1,
        truncate_legend=-1,
        margin=14,
        spacing=6,
        no_data_text="–",
        disable_xml_declaration=False,
        **_whole(series),
    )
    for number, one in enumerate(series):
        chart.config.defs.append(_pattern(one.code))
        chart.config.css.append(_css(number, one.code))
        chart.add(one.name, list(one.values))
    chart.x_labels = list(labels)
    if kind == "StackedBar":
        chart.x_labels_major = list(labels)[:: max(1, -(-len(labels) // 16))]
    rendered: bytes = chart.render()
    return rendered


@lru_cache
def _pygal() -> Any:
    """The library, without the importer that it adds for its maps: every later import would warn of its old form."""
    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]
    return pygal


def _whole(series: Sequence[Series]) -> Mapping[str, Any]:
    """A scale of whole numbers from nought: there is no half an arrival."""
    top = max((sum(column) for column in zip(*(s.values for s in series), strict=True)), default=0)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10**4, 10**5, 10**9) if 6 * s >= top)
    ticks = [step * n for n in range(int(-(-top // step)) + 1)] if top else [0, 1]
    return {"y_labels": ticks, "range": (0, ticks[-1]), "value_formatter": lambda value: f"{value:,.0f}"}


def _pattern(code: str) -> str:
    """The fill of a series: its ground, and over it what `PATTERNS` draws."""
    ink = COLOURS[code]
    ground = PALE.get(code, "#ffffff" if PATTERNS.get(code) else ink)
    drawn = PATTERNS.get(code, "").format(ink=ink)
    return (
        f'<pattern id="p-{code}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{ground}"/>{drawn}</pattern>'
    )


def _css(number: int, code: str) -> str:
    return (
        f"inline:{{{{ id }}}}.color-{number} {{ fill: url(#p-{code}) !important; fill-opacity: 1 !important; "
        f"stroke: {COLOURS[code]} !important; stroke-width: 1px }}"
    )


def _style(codes: Sequence[str]) -> Any:
    return _pygal().style.Style(
        background="#ffffff",
        plot_background="#ffffff",
        foreground="#333333",
        foreground_strong="#111111",
        foreground_subtle="#555555",
        guide_stroke_color="#cccccc",
        major_guide_stroke_color="#cccccc",
        opacity="1",
        opacity_hover="1",
        transition="0s",
        colors=tuple(COLOURS[code] for code in codes) or ("#333333",),
        font_family=FONT,
        title_font_size=18,
        label_font_size=14,
        major_label_font_size=14,
        legend_font_size=15,
        tooltip_font_size=12,
        no_data_font_size=24,
    )
