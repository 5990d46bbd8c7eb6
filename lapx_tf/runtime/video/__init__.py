"""Videos: files, streams and cameras, frame by frame, and drawn videos; reading, looking and writing overlap in threads."""
