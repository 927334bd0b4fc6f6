"""What the stored reports say in sentences and tables."""

from reports_as_stored import around

from melanoma.documents.findings import (
    describe_out_of_distribution,
    describe_robustness,
    describe_rows,
    describe_source_probe,
    tabulate_out_of_distribution,
    tabulate_robustness,
    tabulate_source_probe,
)
from melanoma.estimates import UNDEFINED, Estimate
from melanoma.run.evaluation import (
    Confidence,
    Control,
    DiagnosisProbe,
    Excess,
    OutOfDistribution,
    Probe,
    Robustness,
    SourceProbe,
    Variation,
)

RULER = Variation(
    decision=around(0.2),
    controls={
        "patch": Control(decision=around(0.1), excess=Excess(decision=Estimate(0.1, 0.05, 0.15))),
        "noise": Control(decision=around(0.3), excess=Excess(decision=Estimate(-0.1, -0.15, -0.05))),
    },
)
ROBUSTNESS = Robustness(
    photos=100,
    lesions=90,
    operating_point="high-sensitivity",
    threshold=0.07,
    note="",
    artefacts=4,
    changes={
        "artefact": {"ruler": RULER},
        "turn and flip": {"turned 90 degrees": Variation(decision=around(0.06)), "flipped": Variation(around(0.08))},
        "JPEG": {"quality 30": Variation(decision=around(0.3), top=around(0.4))},
    },
)
PHOTOS = OutOfDistribution(
    note="",
    photos={
        "clean": Confidence(50, mean_top=around(0.8), refer=around(0.4)),
        "blurred": Confidence(50, mean_top=around(0.95), refer=around(0.1)),
        "everyday": Confidence(50, mean_top=around(0.5), refer=around(0.7)),
        "another": Confidence(50, mean_top=around(0.6)),
    },
)
PROBE = SourceProbe(
    note="",
    chance=0.5,
    diagnoses={
        "NV": DiagnosisProbe(
            auc=around(0.9), diagnosis="nevus", photos={"ham10000": 1200, "isic2017": 300}, answer=Probe(around(0.6))
        ),
        "MEL": None,
    },
)


def test_robustness_names_the_largest_changes_first():
    first, turned, artefacts = describe_robustness(ROBUSTNESS)
    assert first == (
        "Decisions change most with: JPEG quality 30, 30 % (25–35 %); ruler, 20 % (15–25 %); flipped, 8 % (3–13 %)."
    )
    assert "changes 7 % of decisions on average" in turned
    assert artefacts == (
        "With a ruler, more decisions change than with a plain patch of the same size and "
        "fewer decisions change than with the same pixels shuffled."
    )


def test_robustness_has_a_row_for_each_control_and_leaves_out_what_was_not_measured():
    table = tabulate_robustness(ROBUSTNESS)
    assert len(table) == 6
    assert set(table.loc[table["line"] == "ruler", "series"]) == {
        "changed photo", "plain patch of the same size", "same pixels, shuffled",
    }  # fmt: skip
    assert tabulate_robustness(ROBUSTNESS, "top")["line"].tolist() == ["quality 30"]
    assert describe_robustness(Robustness(0, 0, "", 0, "", 0, {})) == []


def test_a_higher_probability_where_it_should_be_lower_is_said():
    sentences = describe_out_of_distribution(PHOTOS)
    assert "It is higher, where it should be lower, on: far out of focus (95 %)." in sentences
    assert "It is lower on: everyday photos (50 %)." in sentences
    assert "Share referred: unchanged lesion photos 40 %, far out of focus 10 %, everyday photos 70 %." in sentences
    assert describe_out_of_distribution(OutOfDistribution("", {})) == []


def test_a_kind_of_photo_that_is_not_known_is_drawn_by_its_name():
    assert tabulate_out_of_distribution(PHOTOS)["line"].tolist()[-1] == "another"


def test_the_source_probe_names_sources_and_what_was_read():
    assert describe_source_probe(PROBE) == [
        "Nevus: AUC for telling HAM10000 (1,200 photos) and ISIC 2017 (300 photos) apart is 0.90 (0.85–0.95) from the "
        "network's features and 0.60 (0.55–0.65) from the nine answers."
    ]
    assert tabulate_source_probe(PROBE)["series"].tolist() == ["the network's features", "the nine answers"]


def test_rows_in_words_are_shares_or_statistics():
    table = tabulate_source_probe(PROBE).head(1)
    assert describe_rows(table, shares=False) == "nevus: the network's features 0.90 (0.85–0.95)."
    assert describe_rows(table, shares=True) == "nevus: the network's features 90 % (85–95 %)."


def test_an_undefined_estimate_is_not_drawn():
    report = OutOfDistribution("", {"clean": Confidence(0, refer=UNDEFINED)})
    assert tabulate_out_of_distribution(report).empty
