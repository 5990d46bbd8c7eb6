"""What must be true of a converted file: its numbers, its score on a task, and the file itself."""
