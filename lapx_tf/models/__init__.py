"""The LAPX network, its building blocks and its presets (Keras only: any backend)."""
