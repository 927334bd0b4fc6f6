"""A threshold, chosen in three ways, and what it means for patients."""

import pytest
from reading_pages import open_page, read

from melanoma.run import Run


@pytest.fixture
def page(models):
    return open_page("performance", tab="Operating point")


def test_the_rates_are_those_of_the_run_at_its_own_operating_point(page, models):
    rates = Run(models / "whole").calibration.default.test
    sensitivity, specificity = (metric.value for metric in page.metric)
    assert rates.sensitivity.percent().startswith(f"{sensitivity} (")
    assert rates.specificity.percent().startswith(f"{specificity} (")


def test_a_thousand_patients_are_counted(page):
    page.slider(key="prevalence").set_value(10).run()
    assert "Of 1,000 such patients, 100 have a malignant lesion (10 %)" in read(page)


def test_a_lower_target_sensitivity_gives_a_higher_specificity(page):
    page.segmented_control(key="threshold-from").set_value("Target sensitivity").run()
    before = int(page.metric[1].value.removesuffix(" %"))
    page.slider(key="target-sensitivity").set_value(60).run()
    assert int(page.metric[1].value.removesuffix(" %")) > before


def test_a_higher_threshold_finds_fewer(page):
    page.segmented_control(key="threshold-from").set_value("Threshold").run()
    before = int(page.metric[0].value.removesuffix(" %"))
    page.slider(key="threshold").set_value(90).run()
    assert int(page.metric[0].value.removesuffix(" %")) < before
