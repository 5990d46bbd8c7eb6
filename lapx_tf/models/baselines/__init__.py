"""Other people's networks, to compare LAPX with in time and memory: written from their papers, never trained here."""
