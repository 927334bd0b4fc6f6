"""Skin-lesion photo in, calibrated nine-class differential out. Research use; not a medical device."""
