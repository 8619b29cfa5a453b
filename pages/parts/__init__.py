"""What pages share.

A page imports something of this before anything else, so this is where a page that was asked for before
app.py ever ran gives way to it, long before the models are imported.
"""

from pages.parts.frame import framed

framed()
