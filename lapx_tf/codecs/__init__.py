"""Heat maps: joints to heat maps (`encode`, Keras) and back (`decode`, `dark`: NumPy; `layers`: Keras)."""
