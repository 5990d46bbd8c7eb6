"""What shows of a training while it runs: progress, TensorBoard, sessions."""
