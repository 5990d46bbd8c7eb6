"""`report.html`: what became of a run."""
