"""Data sets (one file each), augmentation, and the pipeline that feeds training."""
