"""Parts of evaluation.json, as short as they can be."""


def figure(value: float, half: float = 0.05) -> dict:
    """A figure with its interval, as runs store it."""
    return {"value": value, "low": value - half, "high": value + half}


def heatmap(energy: float, pointing: float) -> dict:
    """What `explain-check` says about one method."""
    part = {"photos": 40, "energy_inside": figure(energy), "energy_inside_chance": figure(0.3)}
    part |= {"pointing_game": figure(pointing), "pointing_game_chance": figure(0.3)}
    return {"all": part, "right": part, "wrong": part}


GROUPS = {
    "per_source": {"north": {"photos": 500, "sensitivity": figure(0.9)}},
    "per_age": {
        "under 30": {"photos": 400, "malignant": 3, "sensitivity": figure(0.1), "specificity": figure(0.5)},
        "30 to 44": {"photos": 300, "malignant": 100, "sensitivity": figure(0.8), "specificity": figure(0.7)},
        "45 to 59": {"photos": 9, "malignant": 9, "sensitivity": None, "specificity": figure(0.1)},
    },
}


ROBUSTNESS = {
    "changes": {
        "artefact": {
            "ink": {
                "decision": figure(0.3),
                "controls": {
                    "patch": {"decision": figure(0.1), "excess": {"decision": figure(0.2)}},
                    "noise": {"decision": figure(0.32), "excess": {"decision": figure(-0.02)}},
                },
            }
        },
        "turn and flip": {"turned 90 degrees": {"decision": figure(0.08)}, "flipped": {"decision": figure(0.1)}},
        "JPEG": {"quality 30": {"decision": figure(0.2)}},
    }
}
