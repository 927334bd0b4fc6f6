"""Training batches as Keras takes them."""

from __future__ import annotations

import keras

from melanoma.dataset.batches import TrainingBatches


class KerasBatches(keras.utils.PyDataset):
    """`TrainingBatches`, made by two threads ahead of the training step."""

    def __init__(self, batches: TrainingBatches):
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=6)  # threads: Pillow frees the GIL
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, batch: int):
        """What `TrainingBatches` gives."""
        return self.batches[batch]

    def on_epoch_end(self) -> None:
        """Choose the next epoch's photos."""
        self.batches.start_next_epoch()
