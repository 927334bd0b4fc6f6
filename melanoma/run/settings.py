"""Everything that decides how a network is fitted, as `train` takes it and run.json keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingSettings:
    """The settings of one training; 0 turns a part off unless it says otherwise."""

    architecture: str
    input_size: int  # side of the network's input, pixels
    epochs: int
    samples_per_epoch: int
    training_size: int | None = None  # side of the photos that are trained on, pixels; None: input_size
    batch_size: int = 32
    learning_rate: float = 1e-3  # peak, after a warm-up of one epoch; then cosine to a hundredth
    weight_decay: float = 0.02
    clipnorm: float = 0.0  # longest gradient of a step, over all weights; longer ones are shortened
    frozen_share: float = 0.0  # share of the layers, from the input, that keep the values they start with
    freeze_batch_norm: bool = False  # keeps its statistics and scales: half the time on a CPU
    dropout: float = 0.3
    label_smoothing: float = 0.05
    class_balance_exponent: float = -0.7  # a diagnosis is drawn in proportion to count^(1 + exponent)
    augmentation_strength: float | None = 1.0  # None: the photo as it is
    clinical_augmentation_strength: float = 1.0  # of clinical and other photos
    source_balance_exponent: float = 0.0  # a source is drawn in proportion to count^(1 + exponent), within its kind
    kind_shares: tuple[float, float, float] | None = None  # of an epoch, in the order of KINDS; None: as they occur
    mixup_alpha: float = 0.0
    uninformative_share: float = 0.0  # of the photos, made unreadable, to be answered with "could be anything"
    lesion_attention_weight: float = 0.0  # of the loss that asks evidence to lie on the lesion; needs lesion masks
    distillation_weight: float = 0.0  # share of a photo's label that is what the teachers answer to it
    kind_weight: float = 0.0  # of the loss for the kind of photo; above 0 the network has a second head that says it
    ema_decay: float = 0.998  # a step, of the averaged weights, which are what is kept
    monitor: str = "val_macro_auc"  # column of history.csv whose best epoch is kept
    seed: int = 20

    @property
    def fitted_size(self) -> int:
        """Side of the network's input while it is trained, pixels."""
        return self.training_size or self.input_size
