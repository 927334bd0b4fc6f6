"""`audit`: what is printed, saved and refused."""

import json

import pandas as pd
from command_line import call
from PIL import Image

from melanoma.photo import example_bytes


def test_a_folder_with_a_copy_is_audited_and_saved(tmp_path):
    data, out = tmp_path / "photos [old]", tmp_path / "findings [1]"
    for diagnosis in ("nevus", "melanoma"):
        (data / diagnosis).mkdir(parents=True)
        for seed in range(3):
            name = data / diagnosis / f"{diagnosis}{seed}.png"
            name.write_bytes(example_bytes(seed=seed + 3 * (diagnosis == "nevus"), width=80, height=60))
    (data / "nevus" / "copy.png").write_bytes((data / "melanoma" / "melanoma0.png").read_bytes())
    result = call("audit", data, "--out", out)
    assert result.exit_code == 0, result.output
    assert "photos [old]: 7 photos" in result.stdout
    assert f"Saved {out / 'audit.json'} and {out / 'audit.csv'}." in result.stdout
    assert json.loads((out / "audit.json").read_text())["photos"] == 7
    assert len(pd.read_csv(out / "audit.csv"))


def test_what_is_no_collection_is_one_sentence(tmp_path):
    (tmp_path / "empty [b]").mkdir()
    Image.new("RGB", (40, 40)).save(tmp_path / "one.png")
    for path in (tmp_path / "empty [b]", tmp_path / "gone [c]", tmp_path / "one.png"):
        result = call("audit", path)
        assert result.exit_code == 2
        assert path.name in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
