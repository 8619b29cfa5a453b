"""Draw the app's icon, pages/parts/icon.png: a small attention heatmap. ``python docs/icon.py``"""

from pathlib import Path

from PIL import Image, ImageDraw

WEIGHTS = ((1.0, 0.3, 0.1), (0.2, 1.0, 0.35), (0.1, 0.3, 1.0))
SIZE, GAP = 40, 4

image = Image.new("RGBA", (3 * SIZE + 4 * GAP,) * 2, (0, 0, 0, 0))
draw = ImageDraw.Draw(image)
for row, weights in enumerate(WEIGHTS):
    for column, weight in enumerate(weights):
        x, y = GAP + column * (SIZE + GAP), GAP + row * (SIZE + GAP)
        colour = (20, 151, 138, round(255 * weight))
        draw.rounded_rectangle((x, y, x + SIZE, y + SIZE), 8, fill=colour)
image.save(Path(__file__).parent.parent / "pages" / "parts" / "icon.png")
