"""Made-up folders in the public layouts."""

import pandas as pd
import pytest
from public_layouts import HAM_HEADER, write_milk10k, write_photo


@pytest.fixture
def milk(tmp_path):
    """MILK10k with four lesions, one of them none of the nine, beside two HAM10000 photos of the first lesion."""
    lesions = [
        ("IL_0000001", "Melanoma in situ", "ISIC_1000001,ISIC_1000002", 1),
        ("IL_0000002", "Solar lentigo", "ISIC_1000003,ISIC_1000004", 2),
        ("IL_0000003", "Nevus, NOS, Dermal", "ISIC_1000005,ISIC_1000006", 3),
        ("IL_0000004", "Sebaceous hyperplasia", "ISIC_1000007,ISIC_1000008", 4),
    ]
    write_milk10k(tmp_path / "milk10k", lesions)
    for image_id, seed in (("ISIC_0024306", 21), ("ISIC_0024307", 22), ("ISIC_0024308", 23)):
        write_photo(tmp_path / "ham10000" / "images" / f"{image_id}.jpg", seed)
    rows = [
        ("HAM_1", "ISIC_0024306", "mel", "histo", 60, "female", "back"),
        ("HAM_1", "ISIC_0024307", "mel", "histo", 60, "female", "back"),
        ("HAM_2", "ISIC_0024308", "nv", "histo", 30, "male", "face"),
    ]
    pd.DataFrame(rows, columns=HAM_HEADER).to_csv(tmp_path / "ham10000" / "HAM10000_metadata.csv", index=False)
    shared = "image_id,isic_id,lesion_id,matching_keypoints\nISIC_0024306,ISIC_1000002,IL_0000001,90\n"
    (tmp_path / "milk10k" / "same_lesion_in_ham10000.csv").write_text(shared)
    return tmp_path
