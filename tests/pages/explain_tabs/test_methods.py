"""Every method's map, once it is asked for."""

import pytest
from reading_pages import read, session_of

from melanoma.explain import Method


@pytest.mark.slow  # the process that draws starts meanwhile
def test_the_comparison_waits_for_the_button(at):
    page = at("Methods")
    assert page.button(key="compare")
    assert "Do they agree?" not in read(page)


@pytest.mark.slow
def test_each_method_is_shown_with_its_agreement_and_cost(at):
    page = at("Methods")
    page.button(key="compare").click().run()
    assert not page.exception
    words = read(page)
    assert all(f"**{method.facts.label}**" in words for method in Method)
    assert "Do they agree?" in words
    assert page.dataframe[-1].value["method"].tolist() == [method.facts.label for method in Method]
    results = {key[0]: result for key, result in session_of(page).results.items()}
    comparison = results["methods"]
    assert comparison.heatmaps[Method.GRADCAM] is results["heatmaps"][comparison.diagnosis]  # it came with the answer
    page.run()
    assert "Do they agree?" in read(page)  # it was not computed again
