"""A threshold, chosen in three ways, and what it means for patients."""

import pytest
from reading_pages import open_page, read

from melanoma.estimates import percent
from melanoma.evaluation.saved_predictions import estimate_rates, find_target_threshold, load_predictions
from melanoma.run import MALIGNANT, Run


@pytest.fixture
def page(models):
    return open_page("performance", tab="Operating point")


def test_the_rates_are_those_of_the_run_at_its_own_operating_point(page, models):
    rates = Run(models / "whole").calibration.default.test
    sensitivity, specificity = (metric.value for metric in page.metric)
    assert rates.sensitivity.percent().startswith(f"{sensitivity} (")
    assert rates.specificity.percent().startswith(f"{specificity} (")


def test_a_thousand_patients_are_counted(page):
    page.number_input(key="clinic-prevalence").set_value(10).run()
    assert "Of 1,000 such patients, 100 have a malignant lesion (10 %)" in read(page)


def test_a_lower_target_sensitivity_gives_a_higher_specificity(page):
    page.segmented_control(key="threshold-from").set_value("Target sensitivity").run()
    before = int(page.metric[1].value.removesuffix(" %"))
    page.slider(key="target-sensitivity").set_value(60).run()
    assert int(page.metric[1].value.removesuffix(" %")) > before


def test_the_threshold_of_a_target_sensitivity_is_found_on_validation_photos_and_measured_on_test(page, models):
    page.segmented_control(key="threshold-from").set_value("Target sensitivity").run()
    page.slider(key="target-sensitivity").set_value(80).run()
    validation, test = (load_predictions(Run(models / "whole"), split) for split in ("validation", "test"))
    sensitivity, _ = estimate_rates(test, MALIGNANT, find_target_threshold(validation, MALIGNANT, 0.8))
    on_test, _ = estimate_rates(test, MALIGNANT, find_target_threshold(test, MALIGNANT, 0.8))
    assert page.metric[0].value == percent(sensitivity.value) != percent(on_test.value)


def test_a_higher_threshold_finds_fewer(page):
    page.segmented_control(key="threshold-from").set_value("Threshold").run()
    before = int(page.metric[0].value.removesuffix(" %"))
    page.slider(key="threshold").set_value(90).run()
    assert int(page.metric[0].value.removesuffix(" %")) < before
