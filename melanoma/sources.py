"""The collections of photos: the one truth about their ids, names, licences and what they hold.

Also the kinds of photo, as every source states one.
"""

from __future__ import annotations

from dataclasses import dataclass

DERMOSCOPIC, CLINICAL, OTHER = "dermoscopic", "clinical", "other"
KINDS = (DERMOSCOPIC, CLINICAL, OTHER)  # in the order of every array about kinds


@dataclass(frozen=True)
class Source:
    """One collection. `id` is what tables and files say, `name` what the screen says.

    use: what the project takes from it; kinds: of its photos, none for a source of tables alone;
    diagnosed: whether its photos are labelled with diagnoses and a network learns these from them.
    """

    id: str
    name: str
    what: str
    use: str
    licence: str
    kinds: tuple[str, ...] = (DERMOSCOPIC,)
    citation: str = ""
    doi: str = ""
    diagnosed: bool = True

    @property
    def terms(self) -> str:
        """Licence and doi in one line, as a card states them."""
        return f"{self.licence}; doi:{self.doi}" if self.doi else self.licence


HAM10000 = Source(
    "ham10000",
    "HAM10000",
    "10,015 dermoscopic photos of 7,470 pigmented lesions, from Vienna and Queensland, with lesion masks",
    "photos, labels",
    "CC BY-NC 4.0 (one copy says BY-NC-SA)",
    citation="Tschandl, Rosendahl, Kittler 2018",
    doi="10.1038/sdata.2018.161",
)
ISIC2017 = Source(
    "isic2017",
    "ISIC 2017",
    "2,750 dermoscopic photos of the ISIC 2017 challenge: melanoma, seborrheic keratosis, nevus",
    "photos, labels",
    "CC0",
    citation="Codella et al. 2017, arXiv:1710.05006",
)
ISIC_ARCHIVE = Source(
    "isic-archive",
    "ISIC archive",
    "other photos of the nine-class ISIC set, whose folders state the diagnosis, many of them wrongly",
    "photos, labels where no other table has one",
    "none found; taken as non-commercial",
)
MILK10K = Source(
    "milk10k",
    "MILK10k",
    "10,480 photos of 5,240 lesions, a dermoscopic and a clinical close-up of each; 95 % with histology",
    "photos, labels, age, sex, site, skin tone",
    "CC BY-NC",
    kinds=(DERMOSCOPIC, CLINICAL),
    citation="MILK study team, ISIC 2025",
)
ISIC2019 = Source(
    "isic2019",
    "ISIC 2019",
    "diagnoses and lesion ids of the 25,331 photos of the ISIC 2019 challenge",
    "labels and lesion ids",
    "CC BY-NC",
    kinds=(),
)
ARTEFACTS = Source(
    "artefacts",
    "artefact cut-outs",
    "rulers, ink and gel bubbles cut out of HAM10000 photos",
    "robustness tests alone",
    "CC BY-NC 4.0",
    kinds=(),
    citation="Katsch, Rinner, Tschandl 2022",
    doi="10.5826/dpc.1203a126",
    diagnosed=False,
)
EVERYDAY = Source(
    "everyday",
    "everyday photos",
    "500 photographs that show no skin lesion, one for each of 500 ImageNet classes",
    "what no answer is given to",
    "research use",
    kinds=(OTHER,),
    diagnosed=False,
)

SOURCES = (HAM10000, ISIC2017, ISIC_ARCHIVE, MILK10K, ISIC2019, ARTEFACTS, EVERYDAY)
NAMES = {source.id: source.name for source in SOURCES}


def find_source(source_id: str) -> Source:
    """The source of an id; KeyError where there is none."""
    return {source.id: source for source in SOURCES}[source_id]


def name_source(source_id: str) -> str:
    """What the screen calls a source; the id itself for one that is not listed, such as a clinic's own."""
    return NAMES.get(source_id, source_id)
