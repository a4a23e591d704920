"""The precision-recall curve as a picture: SVG that needs nothing else, light and dark."""

from collections.abc import Iterable, Sequence
from html import escape

from kafka_workshop.language import current, tr
from kafka_workshop.monitor.risk.metrics import Point

_WIDTH, _HEIGHT = 720, 480
_LEFT, _TOP, _RIGHT, _BOTTOM = 70, 56, 24, 62
_TICKS = tuple(tenth / 10 for tenth in range(0, 11, 2))
# So many points are drawn; more of them would be the same picture.
_MOST_POINTS = 400
_STYLE = """
svg{--ink:#1c2733;--soft:#5b6876;--grid:#d9e0e7;--line:#1f57c3;--base:#b45309;--page:#fff}
@media (prefers-color-scheme:dark){svg{--ink:#e6edf3;--soft:#9aa7b4;--grid:#2b3644;
--line:#7aa7ff;--base:#f0a35e;--page:#12181f}}
text{font:14px system-ui,sans-serif;fill:var(--soft)}.title{font-size:17px;fill:var(--ink)}
.grid{stroke:var(--grid)}.curve{fill:none;stroke:var(--line);stroke-width:2.5}
.base{stroke:var(--base);stroke-width:1.5;stroke-dasharray:6 5}.page{fill:var(--page)}
"""


def precision_recall(points: Sequence[Point], base_rate: float, title: str, figure: str) -> str:
    """Return the picture; `base_rate` is the share of fraud, `figure` what the legend says."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><style>{_STYLE}</style>',
        f'<rect class="page" width="{_WIDTH}" height="{_HEIGHT}"/>',
        f'<text class="title" x="{_LEFT}" y="30">{escape(title)}</text>',
        *_axes(),
        f'<line class="base" x1="{_x(0):.1f}" x2="{_x(1):.1f}" '
        f'y1="{_y(base_rate):.1f}" y2="{_y(base_rate):.1f}"/>',
        f'<path class="curve" d="{_path(points)}"/>',
        *_legend(base_rate, figure),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(recall: float) -> float:
    return _LEFT + recall * (_WIDTH - _LEFT - _RIGHT)


def _y(precision: float) -> float:
    return _HEIGHT - _BOTTOM - precision * (_HEIGHT - _TOP - _BOTTOM)


def _path(points: Sequence[Point]) -> str:
    every = max(1, len(points) // _MOST_POINTS)
    drawn = [*points[:-1:every], points[-1]]
    # To the left of the first threshold nothing is known; its precision is drawn to the axis.
    corners = [(0.0, drawn[0].precision), *((p.recall, p.precision) for p in drawn)]
    return "M" + " L".join(f"{_x(recall):.1f},{_y(precision):.1f}" for recall, precision in corners)


def _axes() -> Iterable[str]:
    for tick in _TICKS:
        x, y, word = _x(tick), _y(tick), _number(tick, 1)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_y(0):.1f}" y2="{_y(1):.1f}"/>'
        yield f'<line class="grid" x1="{_x(0):.1f}" x2="{_x(1):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{x:.1f}" y="{_y(0) + 22:.1f}" text-anchor="middle">{word}</text>'
        yield f'<text x="{_LEFT - 10}" y="{y + 5:.1f}" text-anchor="end">{word}</text>'
    recall = tr("recall", "recall (revocação)")
    precision = tr("precision", "precisão")
    yield f'<text x="{_x(0.5):.1f}" y="{_HEIGHT - 14}" text-anchor="middle">{recall}</text>'
    yield (
        f'<text transform="translate(20 {_y(0.5):.1f}) rotate(-90)" text-anchor="middle">'
        f"{precision}</text>"
    )


def _legend(base_rate: float, figure: str) -> Iterable[str]:
    rate = tr("by chance {rate}", "ao acaso {rate}", rate=_number(base_rate, 4))
    rows = (("curve", figure), ("base", rate))
    for row, (style, said) in enumerate(rows):
        y = _TOP + 18 + 24 * row
        left = _x(0.58)
        yield f'<line class="{style}" x1="{left:.1f}" x2="{left + 34:.1f}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{left + 42:.1f}" y="{y + 5}">{escape(said)}</text>'


def _number(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if current() == "pt-BR" else text
