"""Readers of earlier formats: each takes a part of a run as it was written, and gives it in today's keys.

What is in today's keys already comes back as it is.
"""

from __future__ import annotations

SETTINGS = {
    "size": "input_size",
    "samples": "samples_per_epoch",
    "clip": "clipnorm",
    "frozen": "frozen_share",
    "steady": "freeze_batch_norm",
    "power": "class_balance_exponent",
    "strength": "augmentation_strength",
    "mixup": "mixup_alpha",
    "blank": "uninformative_share",
    "focus": "lesion_attention_weight",
    "taught": "distillation_weight",
    "average": "ema_decay",
}


def upgrade_facts(facts: dict) -> dict:
    """run.json as it was until `arguments` became `settings`."""
    if "arguments" not in facts:
        return facts
    old = ("arguments", "parent", "blend", "joined", "erased")
    new = {key: value for key, value in facts.items() if key not in old}
    new["settings"] = {SETTINGS.get(key, key): value for key, value in facts["arguments"].items()}
    if parent := facts.get("parent"):
        new["started_from"] = parent.split(" and ")
    if "blend" in facts:
        new["averaged"] = facts["blend"]
    if "joined" in facts:
        new["ensemble"] = [
            {"run": part["run"], "input_size": part["size"], "temperature": part["temperature"]}
            for part in facts["joined"]
        ]
    if "erased" in facts:
        new["concept_erasure"] = facts["erased"]
    return new


def upgrade_calibration(calibration: dict) -> dict:
    """calibration.json as it was while each diagnosis had a conformal threshold of its own.

    The new set names at least all that the old one did, so that its coverage is no lower; how much higher, and how
    many it names, is not known until the run is evaluated again.
    """
    if "conformal" not in calibration:
        return calibration
    old = calibration["conformal"]
    new = {key: value for key, value in calibration.items() if key != "conformal"}
    new["prediction_set"] = {
        "least_probability": max(0.0, 1 - max(old["thresholds"].values())),
        "target_coverage": old["target_coverage"],
        "validation_photos": old.get("validation_photos", {}),
        "test_coverage": {},
    }
    return new


def upgrade_evaluation(evaluation: dict) -> dict:
    """evaluation.json as it was while its headline was called `figures`."""
    if "figures" not in evaluation:
        return evaluation
    new = dict(evaluation)
    new["headline"] = new.pop("figures")
    if "unfamiliar" in new:
        old = new.pop("unfamiliar")
        new["out_of_distribution"] = {"note": old["note"], "photos": {k: v for k, v in old.items() if k != "note"}}
    if old := new.get("source_probe"):
        new["source_probe"] = {
            "note": old["note"],
            "chance": old.get("chance", 0.5),
            "diagnoses": {k: v for k, v in old.items() if k not in ("note", "chance")},
        }
    if "specimens" in new:
        new["synthetic_examples"] = new.pop("specimens")
    return new
