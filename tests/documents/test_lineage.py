"""The table of runs says how each is made again, in words that the command line takes."""

from dataclasses import replace

import pytest

from melanoma.documents.lineage import COLUMNS, making_command, write_lineage
from melanoma.run import MODELS, ConceptErasure, Member, open_run


@pytest.fixture(scope="module")
def facts(run):
    return replace(run.facts, name="a", started_from=(), averaged=(), ensemble=(), concept_erasure=None)


def test_each_way_of_making_a_run_has_its_command(facts):
    assert making_command(facts) == "train DATA --name a --like models/a"
    assert making_command(replace(facts, averaged=("b", "c"))).startswith("average DATA --name a --of b --of c")
    members = (Member("b", 224, 1.0), Member("c", 288, 1.0))
    assert making_command(replace(facts, ensemble=members)) == "ensemble DATA --name a --of b@224 --of c@288"
    erased = replace(facts, ensemble=members, concept_erasure=ConceptErasure("d", 10))
    assert making_command(erased) == "erase DATA --name a --of d"


def test_runs_stand_in_the_order_of_their_start_with_their_estimates(run):
    runs = [open_run(path.parent) for path in sorted(MODELS.glob("*/run.json"))]
    head, _, *lines = write_lineage(runs).splitlines()
    assert head == f"| {' | '.join(COLUMNS)} |"
    names = [line.split("`")[1] for line in lines]
    assert names == [one.name for one in sorted(runs, key=lambda one: one.facts.started)] != sorted(names)
    assert run.evaluation.headline.melanoma_auc.text() in lines[names.index(run.name)]
