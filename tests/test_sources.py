"""The sources are told apart, and every one says its licence."""

import pytest

from melanoma.sources import KINDS, SOURCES, find_source, name_source


def test_every_source_has_its_own_id_and_name_and_states_its_terms():
    assert len({s.id for s in SOURCES}) == len({s.name for s in SOURCES}) == len(SOURCES)
    assert all(s.licence and s.what and s.use and set(s.kinds) <= set(KINDS) for s in SOURCES)
    assert find_source("ham10000").terms == "CC BY-NC 4.0 (one copy says BY-NC-SA); doi:10.1038/sdata.2018.161"


def test_a_source_is_found_by_its_id_and_an_unknown_one_keeps_its_own_name():
    assert find_source("milk10k").kinds == ("dermoscopic", "clinical")
    assert name_source("isic-archive") == "ISIC archive"
    assert name_source("our clinic") == "our clinic"
    with pytest.raises(KeyError):
        find_source("our clinic")
