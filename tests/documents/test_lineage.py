"""The table of runs says how each is made again, in words that the command line takes."""

from dataclasses import replace

import pytest

from melanoma.documents.lineage import COLUMNS, making_command, write_lineage
from melanoma.run import MODELS, ConceptErasure, Member, open_run


@pytest.fixture(scope="module")
def facts(run):
    return replace(run.facts, name="a", started_from=(), averaged=(), ensemble=(), concept_erasure=None)


def test_each_way_of_making_a_run_has_its_command(facts):
    assert making_command(facts) == "train DATA --name a --like a"
    assert making_command(replace(facts, averaged=("b", "c"))).startswith("average DATA --name a --of b --of c")
    members = (Member("b", 224, 1.0), Member("c", 288, 1.0))
    assert making_command(replace(facts, ensemble=members)) == "ensemble DATA --name a --of b@224 --of c@288"
    erased = replace(facts, ensemble=members, concept_erasure=ConceptErasure("d", 10))
    assert making_command(erased) == "erase DATA --name a --of d"


def test_runs_stand_in_the_order_of_their_start_with_their_estimates(run):
    other = open_run(MODELS / "baseline-cnn-leaky")
    head, _, first, second = write_lineage([run, other]).splitlines()
    assert head == f"| {' | '.join(COLUMNS)} |"
    names = sorted((run, other), key=lambda one: one.facts.started)
    assert [line.split("`")[1] for line in (first, second)] == [one.name for one in names]
    line = first if run.name in first.split("|")[1] else second
    assert run.evaluation.headline.melanoma_auc.text() in line
