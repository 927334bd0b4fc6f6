"""The nine diagnoses, and that their codes are well formed."""

import re

import pytest

from melanoma.diagnoses import DIAGNOSES

# Verhoeff's tables: multiplication in the dihedral group of ten elements, and the permutation of each place.
TURN = ((0, 1, 2, 3, 4), (1, 2, 3, 4, 0), (2, 3, 4, 0, 1), (3, 4, 0, 1, 2), (4, 0, 1, 2, 3))
PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def multiply(left: int, right: int) -> int:
    """In the dihedral group: 0 to 4 are turns, 5 to 9 are reflections."""
    if left < 5:
        return TURN[left][right] if right < 5 else 5 + TURN[left][right - 5]
    return 5 + (left - 5 - right) % 5 if right < 5 else (left - right) % 5


def has_check_digit(code: str) -> bool:
    """Whether the last digit is Verhoeff's, as in every SNOMED CT identifier."""
    total = 0
    for place, digit in enumerate(map(int, reversed(code))):
        for _ in range(place):
            digit = PERMUTATION[digit]
        total = multiply(total, digit)
    return total == 0


def test_the_check_is_verhoeffs():
    assert has_check_digit("2363")  # 236 with its check digit 3: a textbook's example
    assert not has_check_digit("2364")
    assert not has_check_digit("93655040")  # two digits exchanged


@pytest.mark.parametrize("code", [d.terminology.snomed_ct for d in DIAGNOSES if d.terminology.snomed_ct])
def test_snomed_ct_identifiers_have_their_check_digit_and_are_concepts(code):
    assert has_check_digit(code)
    assert re.fullmatch(r"[1-9]\d{3,15}00\d", code)  # the partition 00: a concept of the international edition


def test_codes_of_icd_are_well_formed_and_say_what_is_malignant():
    for diagnosis in DIAGNOSES:
        codes = diagnosis.terminology
        assert re.fullmatch(r"|[A-Z]\d\d(\.\d)?", codes.icd_10)
        assert re.fullmatch(r"|\d{4}/[0-3]", codes.icd_o)
        if codes.icd_o:
            assert codes.icd_o.endswith("/3" if diagnosis.malignant else "/0")


def test_no_two_diagnoses_share_a_concept():
    concepts = [d.terminology.snomed_ct for d in DIAGNOSES if d.terminology.snomed_ct]
    assert len(set(concepts)) == len(concepts)
