"""From trained networks to files for the device, and from PyTorch checkpoints to Keras. Run from a checkout.

`python -m convert MODEL.keras --to tflite` and `python -m convert.import_torch CHECKPOINT --out model.keras`.
"""
