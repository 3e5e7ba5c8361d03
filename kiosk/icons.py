"""Icons drawn as masks, as text is: the screen gives them a colour."""

from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw, ImageOps

from dawr.icons import DIRECTED, GRID, PEN, STROKES, Point

# Drawn this many times larger and scaled down: smooth edges.
_SMOOTH = 4


@lru_cache(256)
def drawn(name: str, side_px: int, flipped: bool = False) -> Image.Image:
    """The icon as an 8-bit coverage mask. KeyError for an unknown one."""
    side = side_px * _SMOOTH
    scale = side / GRID
    picture = Image.new("L", (side, side))
    draw = ImageDraw.Draw(picture)
    for stroke in STROKES[name]:
        _draw(draw.line, draw.ellipse, [(x * scale, y * scale) for x, y in stroke], PEN * scale)
    small = picture.resize((side_px, side_px), Image.Resampling.LANCZOS)
    return ImageOps.mirror(small) if flipped and name in DIRECTED else small


def _draw(draw_line: Callable[..., None], draw_ellipse: Callable[..., None], points: list[Point], pen: float) -> None:
    draw_line(points, fill=255, width=round(pen), joint="curve")
    half = pen / 2
    # Pillow rounds the joints of a curve, but not its ends nor sharp corners.
    for x, y in points if len(points) < 9 else (points[0], points[-1]):
        draw_ellipse((x - half, y - half, x + half, y + half), fill=255)
