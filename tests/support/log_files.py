"""Training logs for tests, as other programs write them."""

from melanoma.run.imported_logs import ImportedLog, read_log

PLAIN = """epoch,accuracy,loss,val_accuracy,val_loss
0,0.4,1.9,0.38,2.15
1,0.4768,1.712,0.4445,1.9502
2,0.5417,1.5461,0.4991,1.774
"""
COLUMNS = {
    "epoch": [1, 2, 3],
    "accuracy": [0.4, 0.4768, 0.5417],
    "loss": [1.9, 1.712, 1.5461],
    "val_accuracy": [0.38, 0.4445, 0.4991],
    "val_loss": [2.15, 1.9502, 1.774],
}


def log_of(content: str | bytes, path: str = "training.csv") -> ImportedLog:
    """The log that one file holds."""
    return read_log("colleague", {path: content.encode() if isinstance(content, str) else content})


def columns_of(content: str | bytes, path: str = "training.csv") -> dict[str, list]:
    """Its history, column by column."""
    return log_of(content, path).history.to_dict("list")
