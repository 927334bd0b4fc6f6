"""Terms are explained once, and found in what is named."""

import pytest

from melanoma.documents.glossary import TERMS, define, explain
from melanoma.evaluation.tables import ESTIMATE_NAMES


def test_the_terms_that_results_are_stated_in_are_explained():
    asked = {
        *("sensitivity", "specificity", "positive predictive value", "likelihood ratio", "calibration"),
        *("prediction set", "operating point", "AUC"),
    }
    assert asked <= set(TERMS)
    assert "ECE" in TERMS["calibration error"]


@pytest.mark.parametrize("name", [name for name in ESTIMATE_NAMES.values() if name != "melanomas called melanoma"])
def test_every_estimate_of_the_headline_is_explained_by_its_name(name):
    assert explain(name[0].upper() + name[1:])


def test_only_what_is_named_is_explained():
    assert explain("Specificity at 95 % sensitivity") == f"{define('sensitivity')}\n\n{define('specificity')}"
    assert explain("Balanced accuracy, 9 classes") == define("balanced accuracy")
    assert explain("Operating points") == define("operating point")
    assert explain("calibration error") == define("calibration error")
    assert explain("Confusion matrix") is None
