"""Where a model's time goes, and what of it XNNPACK runs."""

from lapx_tf.runtime.profile.profiles import Operation, Profile, profile

__all__ = ["Operation", "Profile", "profile"]
