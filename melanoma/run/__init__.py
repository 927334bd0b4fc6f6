"""A run folder: open, verify, write its checksums; its typed parts; its history; imported logs."""

from melanoma.run.calibration import (
    DEFAULT_OPERATING_POINT,
    MALIGNANT,
    Calibration,
    OperatingPoint,
    PredictionSet,
    Rates,
    TestRates,
    operating_point_name,
    score_name,
)
from melanoma.run.evaluation import Evaluation
from melanoma.run.facts import BestEpoch, ConceptErasure, DataFacts, Member, NetworkInput, OnnxExport, RunFacts
from melanoma.run.folder import (
    DEFAULT_RUN,
    MODELS,
    Run,
    RunError,
    file_sha256,
    find_run,
    open_run,
    split_path,
    verify,
    write_checksums,
    write_part,
)
from melanoma.run.settings import TrainingSettings

__all__ = [
    "DEFAULT_OPERATING_POINT",
    "DEFAULT_RUN",
    "MALIGNANT",
    "MODELS",
    "BestEpoch",
    "Calibration",
    "ConceptErasure",
    "DataFacts",
    "Evaluation",
    "Member",
    "NetworkInput",
    "OnnxExport",
    "OperatingPoint",
    "PredictionSet",
    "Rates",
    "Run",
    "RunError",
    "RunFacts",
    "TestRates",
    "TrainingSettings",
    "file_sha256",
    "find_run",
    "open_run",
    "operating_point_name",
    "score_name",
    "split_path",
    "verify",
    "write_checksums",
    "write_part",
]
