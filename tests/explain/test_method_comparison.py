"""Every method on one crop: which maps, in which order, and do they agree."""

import numpy as np
import pytest

from melanoma.explain import Method, compare_methods, correlate

pytestmark = pytest.mark.slow


def test_each_method_has_its_map_its_time_and_its_row_of_agreement(explainer, crops):
    steps = []
    comparison = compare_methods(explainer, crops[0], "NV", progress=lambda *step: steps.append(step))
    assert comparison.methods == tuple(Method)
    assert steps == [(method, i, len(Method)) for i, method in enumerate(Method)]
    for method, heatmap in comparison.heatmaps.items():
        assert (heatmap.method, heatmap.diagnosis) == (method, "NV")
        np.testing.assert_allclose(heatmap.values, explainer.make_heatmap(crops[0], "NV", method).values, rtol=1e-4)
        assert comparison.seconds[method] > 0
    first, last = comparison.methods[0], comparison.methods[-1]
    expected = correlate(comparison.heatmaps[first], comparison.heatmaps[last])
    assert comparison.agreement[0, -1] == pytest.approx(expected)


def test_only_the_methods_named_are_made(explainer, crops):
    comparison = compare_methods(explainer, crops[0], "MEL", [Method.LAYERCAM])
    assert comparison.methods == (Method.LAYERCAM,)
    np.testing.assert_array_equal(comparison.agreement, [[1.0]])
