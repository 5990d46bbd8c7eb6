"""One file a recipe: what it is for, its command, and what it gave."""
