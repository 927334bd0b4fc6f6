"""The runs that the bench makes up for the training tab open as any other."""

from melanoma.bench.page import write_runs
from melanoma.run import open_run


def test_made_up_runs_open_with_their_history(tmp_path):
    write_runs(tmp_path, count=2, epochs=5)
    for folder in sorted(tmp_path.iterdir()):
        run = open_run(folder)
        assert run.state == "finished"
        assert run.history["epoch"].tolist() == [1, 2, 3, 4, 5]
        assert {"loss", "val_loss", "val_balanced_accuracy", "learning_rate", "seconds"} <= set(run.history)
        assert run.facts.settings.monitor in run.history
