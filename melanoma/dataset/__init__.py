"""What a network learns from: public downloads -> one labelled table -> a split by lesion -> batches."""
