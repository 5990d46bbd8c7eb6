"""What runs on the device: sessions, `PoseEstimator`, drawing, the benchmark and the `lapx` command.

Nothing in here imports TensorFlow or Keras, so `pip install lapx-tf` without extras is enough on a Raspberry Pi.
"""
