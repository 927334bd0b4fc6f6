"""Plotly figures of heatmaps: drawn on the crop that the network saw, on a fixed scale, readable on any theme."""

from __future__ import annotations

import base64
import io
from functools import cache

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw
from plotly.colors import get_colorscale, sample_colorscale, unlabel_rgb

from melanoma.diagnoses import NAMES, mark_diagnosis
from melanoma.estimates import percent
from melanoma.explain import Contrast, Heatmap, place_in_photo, resample
from melanoma.photo import centre_square

# Perceptually uniform; no jet. First a green, which neither skin nor pigment has (cmocean's algae: Thyng 2016,
# Oceanography 29:9): the blue-grey of cividis on a photo looks like the blue-white veil of melanoma.
COLOURS = {"green": "algae_r", "viridis": "viridis", "magma": "magma", "cividis": "cividis"}
USUAL_COLOURS = "green"
INK = "#808890"  # grey with contrast above 3.5 on white and on near-black: figures do not know the theme
LONGEST_SIDE = 720  # pixels of the drawn photo, which pages show at 560
LARGEST_FILE = 90_000  # bytes of the drawn photo, before base64 adds a third
GRID = 64  # places a side at which a map is drawn and read by the pointer
CLEAR = 0.3  # share of the scale from which a map is drawn at its full opacity; at 0 it is clear
EMPTY = {"data": {"scatter": [{"type": "scatter"}]}}  # Plotly's word for a template that holds nothing
BAR = 44  # pixels above a photo for the colour bar
LEVELS = (0.2, 0.4, 0.6, 0.8)  # shares of the scale where contours run


def overlay(
    photo_pixels: np.ndarray,
    heatmap: Heatmap,
    *,
    scale_peak: float,
    opacity: float = 0.6,
    colours: str = USUAL_COLOURS,
    mode: str = "overlay",
    crop_box: tuple[float, float, float, float] | None = None,
    height: int = 420,
    colour_bar: bool = True,
    longest: int = LONGEST_SIDE,
    beside: bool = False,
) -> go.Figure:
    """The whole upright photo with a heatmap on the crop that the network saw.

    photo_pixels: (H, W, 3) uint8; scale_peak: raw value at the top of the colour scale, the same for all maps of a
    photo; opacity: 0 to 1; colours: one of COLOURS; mode: `overlay` or `contour`; crop_box: (left, top, right,
    bottom) in pixels, by default the centre square; longest: side of the drawn photo, pixels; beside: whether the plain
    photo stands to the left, zoomed and moved as the other is. A map without evidence is not drawn and the figure says
    so.
    """
    box = crop_box or centre_square(photo_pixels.shape[1], photo_pixels.shape[0])
    layout = photo_layout(photo_pixels, box, height, room_above=BAR if colour_bar else 4, longest=longest)
    arrange = _put_photo_beside if beside else _build_figure
    if not heatmap.has_evidence(scale_peak):
        return arrange([], layout | _write_note("no positive evidence<br>for this diagnosis", box))
    x, y, z = _read_values(heatmap.values, box)
    shared = {"x": x, "y": y, "z": z, "zmin": 0, "zmax": scale_peak, "showscale": colour_bar}
    shared |= {"colorbar": _make_lying_bar("evidence"), "hovertemplate": "evidence %{z:.3g}<extra></extra>"}
    if mode == "overlay":
        return arrange(
            [{"type": "heatmap", **shared, "colorscale": fading_colours(colours, opacity), "zsmooth": "best"}], layout
        )
    lines = {"coloring": "lines", "start": LEVELS[0] * scale_peak, "end": LEVELS[-1] * scale_peak}
    shared |= {"type": "contour", "contours": lines | {"size": (LEVELS[1] - LEVELS[0]) * scale_peak}}
    halo = {**shared, "showscale": False, "hoverinfo": "skip", "hovertemplate": None, "opacity": 0.7}
    halo |= {"colorscale": [[0, "#000"], [1, "#000"]], "line": {"width": 5}}
    return arrange([halo, {**shared, "colorscale": lighter_colours(colours), "line": {"width": 2.5}}], layout)


def contrast_overlay(
    photo_pixels: np.ndarray, contrast: Contrast, *, opacity: float = 0.7, height: int = 420
) -> go.Figure:
    """A signed map on the photo: purple speaks for `contrast.diagnosis`, orange for `contrast.against`."""
    box = centre_square(photo_pixels.shape[1], photo_pixels.shape[0])
    layout = photo_layout(photo_pixels, box, height, room_right=96)
    if contrast.peak == 0:
        return _build_figure([], layout | _write_note("the two diagnoses have the same evidence everywhere", box))
    x, y, z = _read_values(contrast.values, box)
    places = np.linspace(0, 1, 21)
    strength = np.minimum(np.abs(2 * places - 1) / CLEAR, 1) * opacity
    colours = sample_colorscale(get_colorscale("PuOr"), list(places))
    signed = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": z,
        "zmin": -contrast.peak,
        "zmax": contrast.peak,
        "zsmooth": "best",
        "colorscale": [[float(p), _rgba(c, a)] for p, c, a in zip(places, colours, strength, strict=True)],
        "colorbar": _make_colour_bar(f"for {contrast.diagnosis} (+)<br>for {contrast.against} (−)"),
        "hovertemplate": f"%{{z:+.3g}}: above 0 for {contrast.diagnosis}, below for {contrast.against}<extra></extra>",
    }
    return _build_figure([signed], layout)


def describe_contrast(contrast: Contrast) -> str:
    """The signed map in words."""
    if contrast.peak == 0:
        return "The two diagnoses have the same evidence everywhere."
    return (
        f"Purple speaks for {mark_diagnosis(contrast.diagnosis)}, orange for {mark_diagnosis(contrast.against)}. "
        f"{percent(contrast.share_for)} of the crop speaks for {NAMES[contrast.diagnosis]}."
    )


def photo_figure(photo_pixels: np.ndarray, box: tuple[float, float, float, float] | None, height: int) -> go.Figure:
    """The photo alone, in `photo_layout`, to be added to."""
    return go.Figure({"data": [], "layout": photo_layout(photo_pixels, box, height) | {"template": EMPTY}})


def photo_layout(
    photo_pixels: np.ndarray,
    box: tuple[float, float, float, float] | None,
    height: int,
    room_right: int = 4,
    room_above: int = 4,
    longest: int = LONGEST_SIDE,
) -> dict:
    """The photo in pixel coordinates, row 0 on top; what lies outside the crop `box` is veiled."""
    rows, columns = photo_pixels.shape[:2]
    photo = {"source": jpeg_uri(photo_pixels, longest), "x": 0, "y": 0, "sizex": columns, "sizey": rows}
    return {
        "images": [photo | {"xref": "x", "yref": "y", "layer": "below", "sizing": "stretch"}],
        "xaxis": {"range": [0, columns], "visible": False, "constrain": "domain"},
        "yaxis": {
            "range": [rows, 0],
            "visible": False,
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
        "shapes": _veil_outside(box, rows, columns) if box else [],
        "height": height,
        "margin": {"l": 4, "r": room_right, "t": room_above, "b": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": INK},
        "dragmode": "pan",
    }


def _veil_outside(box: tuple[float, float, float, float], rows: int, columns: int) -> list[dict]:
    """What veils the photo outside the crop, and the crop's border."""
    left, top, right, bottom = box
    bands = ((0, 0, left, rows), (right, 0, columns, rows), (0, 0, columns, top), (0, bottom, columns, rows))
    veil = {"type": "rect", "fillcolor": "rgba(0,0,0,0.4)", "line": {"width": 0}}
    shapes = [
        veil | {"x0": x0, "y0": y0, "x1": x1, "y1": y1} for x0, y0, x1, y1 in bands if x1 - x0 > 0.5 and y1 - y0 > 0.5
    ]
    border = {"type": "rect", "x0": left, "y0": top, "x1": right, "y1": bottom}
    white = {"color": "#fff", "width": 1.5, "dash": "dash"}
    return [*shapes, border | {"line": {"color": "#000", "width": 3}}, border | {"line": white}]


def _build_figure(traces: list[dict], layout: dict) -> go.Figure:
    """Made in one piece: adding parts to a figure one by one costs ten times as much.

    The template is empty: a photo has no axes to style, and Plotly's own weighs 7 kB. Plotly does not look each value
    over, which would take as long as all else; a test has it look, so names must be spelt out (no `font_size`).
    """
    return go.Figure({"data": traces, "layout": layout | {"template": EMPTY}}, _validate=False)


def _put_photo_beside(traces: list[dict], layout: dict) -> go.Figure:
    """The figure as the right half of another, whose left half is the plain photo; both have one range."""
    x, y = layout["xaxis"], layout["yaxis"]
    axes = {
        "xaxis": x | {"domain": [0, 0.495]},
        "xaxis2": x | {"domain": [0.505, 1], "matches": "x", "anchor": "y2"},
        "yaxis2": {**y, "matches": "y", "anchor": "x2", "scaleanchor": "x2"},
    }
    right = {"xref": "x2", "yref": "y2"}
    parts = {
        "images": [*layout["images"], *(image | right for image in layout["images"])],
        "shapes": [shape | right for shape in layout["shapes"]],
        "annotations": [note | right for note in layout.get("annotations", [])],
    }
    return _build_figure([trace | {"xaxis": "x2", "yaxis": "y2"} for trace in traces], layout | axes | parts)


def describe_heatmap(heatmap: Heatmap, scale_peak: float) -> str:
    """The map in words, for those who do not see it: where its peak lies, how strong, how wide."""
    name = f"{heatmap.method.facts.label} for {NAMES[heatmap.diagnosis]}"
    if not heatmap.has_evidence(scale_peak):
        return f"{name}: no positive evidence for this diagnosis."
    places = (np.arange(GRID) + 0.5) / GRID
    z = resample(heatmap.values, places, places)
    row, column = np.unravel_index(z.argmax(), z.shape)
    down = ("upper", "middle", "lower")[row * 3 // GRID]
    across = ("left", "centre", "right")[column * 3 // GRID]
    place = "centre" if (down, across) == ("middle", "centre") else f"{down} {across}"
    wide = float((z >= heatmap.peak / 2).mean())
    return (
        f"{name}: strongest in the {place} of the crop, raw peak {heatmap.peak:.3g}, "
        f"{percent(heatmap.peak / scale_peak)} of the strongest of the nine maps; "
        f"above half its peak on {percent(wide)} of the crop."
    )


def overlay_image(
    photo_pixels: np.ndarray, heatmap: Heatmap, scale_peak: float, *, opacity: float = 0.6, colours: str = USUAL_COLOURS
) -> Image.Image:
    """The same drawing as a picture of the photo's own size: map on the crop, the rest veiled, crop outlined.

    Arguments as for `overlay`. Without evidence for the diagnosis the crop stays as it is.
    """
    height, width = photo_pixels.shape[:2]
    values = place_in_photo(heatmap.values, width, height)
    inside = np.isfinite(values)
    picture = photo_pixels * np.where(inside, 1.0, 0.6)[..., None]
    if heatmap.has_evidence(scale_peak):
        share = np.clip(np.where(inside, values, 0) / scale_peak, 0, 1)
        scale = np.array(
            [unlabel_rgb(c) for c in sample_colorscale(get_colorscale(COLOURS[colours]), list(np.linspace(0, 1, 256)))]
        )
        alpha = (np.minimum(share / CLEAR, 1) * opacity)[..., None]
        picture = picture * (1 - alpha) + scale[(share * 255).astype(int)] * alpha
    image = Image.fromarray(picture.round().astype(np.uint8))
    left, top, right, bottom = centre_square(width, height)
    ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), outline="white", width=max(1, height // 300))
    return image


def jpeg_uri(pixels: np.ndarray, longest: int = LONGEST_SIDE, largest: int = LARGEST_FILE) -> str:
    """A photo as a data URI, mostly of at most `largest` bytes before base64, for drawing only."""
    image = Image.fromarray(pixels)
    # The quickest that is still smooth: nothing is measured on this picture.
    image.thumbnail((longest, longest), Image.Resampling.BILINEAR, reducing_gap=1.0)
    for quality in (85, 70, 55, 40, 30):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        if file.tell() <= largest:
            break
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


@cache
def fading_colours(colours: str, opacity: float) -> list[list]:
    """A colour scale that is clear at 0 and reaches `opacity` at CLEAR of its range: little evidence looks little."""
    places = np.linspace(0, 1, 21)
    sampled = sample_colorscale(get_colorscale(COLOURS[colours]), list(places))
    strength = np.minimum(places / CLEAR, 1) * opacity
    return [[float(p), _rgba(c, a)] for p, c, a in zip(places, sampled, strength, strict=True)]


@cache
def lighter_colours(colours: str) -> list[list]:
    """A colour scale without its darkest part, for lines that must be seen on dark skin and dark pages."""
    places = np.linspace(0, 1, 11)
    sampled = sample_colorscale(get_colorscale(COLOURS[colours]), list(0.35 + 0.65 * places))
    return [[float(p), c] for p, c in zip(places, sampled, strict=True)]


def scale_bar(scale_peak: float, colours: str, opacity: float) -> go.Figure:
    """The colour scale that several maps share, lying, from 0 to the raw value `scale_peak`."""
    x = np.linspace(0, scale_peak, 120)
    figure = go.Figure()
    figure.add_heatmap(
        x=x, y=[0], z=x[None], colorscale=fading_colours(colours, opacity), showscale=False, hoverinfo="x"
    )
    figure.update_yaxes(visible=False, fixedrange=True)
    figure.update_xaxes(title="evidence (raw), the same scale for all nine", fixedrange=True, nticks=6, showgrid=False)
    figure.update_layout(
        height=86,
        margin={"l": 12, "r": 12, "t": 0, "b": 56},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_xaxes(range=[0, scale_peak])
    return figure


def _read_values(
    values: np.ndarray, box: tuple[float, float, float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places (x, y in pixels of the photo) and values (GRID, GRID) of a map of the crop."""
    left, top, right, bottom = box
    places = (np.arange(GRID) + 0.5) / GRID
    return left + places * (right - left), top + places * (bottom - top), resample(values, places, places)


def _make_colour_bar(title: str) -> dict:
    return {
        "title": {"text": title, "font": {"size": 12}},
        "thickness": 12,
        "tickfont": {"size": 11},
        "tickformat": ".2g",
        "len": 0.95,
    }


def _make_lying_bar(title: str) -> dict:
    """A thin one above the figure: the map is what is looked at."""
    place = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom", "ypad": 2, "len": 0.45}
    return _make_colour_bar(title) | place | {"thickness": 8, "nticks": 4}


def _rgba(colour: str, alpha: float) -> str:
    """`rgb(1, 2, 3)` with an alpha from 0 to 1."""
    return colour.replace("rgb(", "rgba(").replace(")", f", {alpha:.3f})")


def _write_note(text: str, box: tuple[float, float, float, float]) -> dict:
    """A layout's annotation within the crop."""
    note = {"x": (box[0] + box[2]) / 2, "y": box[1] + 0.88 * (box[3] - box[1]), "text": text, "showarrow": False}
    look = {"font": {"color": "#fff", "size": 13}, "bgcolor": "rgba(0,0,0,.75)", "borderpad": 5}
    return {"annotations": [note | look]}
