"""A page of HTML that opens from disk and needs no server, no script and no other file."""

from html import escape


def document(title: str, style: str, body: str) -> str:
    """A whole page.

    Args:
        title: one line, as text.
        style: its CSS.
        body: everything in it, as HTML.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
