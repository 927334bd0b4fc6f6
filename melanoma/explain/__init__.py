"""Heatmaps, and how far to believe one.

What is exported here needs NumPy alone. `explainer`, `split_network` and `batched_maps` import TensorFlow.
"""

from melanoma.explain.deletion_test import BlurredCrop, Curve, Curves, DeletionTest, blur_crop, run_deletion_test
from melanoma.explain.heatmaps import (
    Contrast,
    Heatmap,
    compute_gradcam,
    correlate,
    correlate_all,
    find_scale_peak,
    place_in_photo,
    read_heatmaps,
    resample,
)
from melanoma.explain.method_comparison import MethodComparison, compare_methods
from melanoma.explain.methods import DEFAULT_METHOD, Method, MethodFacts
from melanoma.explain.region_test import Region, RegionTest, run_region_test
from melanoma.explain.tables import tabulate_agreement, tabulate_cost, tabulate_curves, tabulate_probability_changes

__all__ = [
    "DEFAULT_METHOD",
    "BlurredCrop",
    "Contrast",
    "Curve",
    "Curves",
    "DeletionTest",
    "Heatmap",
    "Method",
    "MethodComparison",
    "MethodFacts",
    "Region",
    "RegionTest",
    "blur_crop",
    "compare_methods",
    "compute_gradcam",
    "correlate",
    "correlate_all",
    "find_scale_peak",
    "place_in_photo",
    "read_heatmaps",
    "resample",
    "run_deletion_test",
    "run_region_test",
    "tabulate_agreement",
    "tabulate_cost",
    "tabulate_curves",
    "tabulate_probability_changes",
]
