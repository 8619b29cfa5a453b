() => {
  // Every visible text of the page whose contrast with what lies behind it is too low (WCAG 2.2, 1.4.3).
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  canvas.canvas.width = canvas.canvas.height = 1;
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const parentOf = (e) => e.parentElement ?? e.getRootNode().host;
  const behind = (element, at) => {
    const layers = [], x = at.x + at.width / 2, y = at.y + at.height / 2;
    for (let e = element; e; e = parentOf(e)) {
      const box = e.getBoundingClientRect();  // a label may hang outside of what it belongs to
      if (e !== document.documentElement && e !== document.body && (x < box.left || x > box.right || y < box.top || y > box.bottom))
        continue;
      layers.push(rgba(getComputedStyle(e).backgroundColor));
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const seen = (element) => {
    let opacity = 1;
    for (let e = element; e; e = parentOf(e)) {
      const style = getComputedStyle(e);
      if (style.display === 'none' || style.visibility === 'hidden' || e.disabled) return 0;
      if (e.getAttribute?.('aria-disabled') === 'true') return 0;
      if (e.getAttribute?.('data-stale') === 'true') return 0; // paler until its page has run
      if (style.clipPath !== 'none' && style.position === 'absolute') return 0; // for readers aloud
      opacity *= style.opacity;
    }
    return opacity;
  };
  const roots = [document];
  for (const root of roots)
    for (const e of root.querySelectorAll('*')) if (e.shadowRoot) roots.push(e.shadowRoot);
  const found = [];
  let looked = 0;
  for (const root of roots) {
    const walker = document.createTreeWalker(root === document ? document.body : root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data.trim(), e = node.parentElement;
      if (!text || text === '■' || !e || e.closest('style, script, noscript, [data-testid="stIconMaterial"], canvas')) continue;
      const range = document.createRange();
      range.selectNode(node);
      const box = range.getBoundingClientRect();
      const opacity = seen(e);
      if (!box.width || !box.height || !opacity) continue;
      const style = getComputedStyle(e), ground = behind(e, box);
      const svg = e instanceof SVGElement;
      const colour = rgba(svg ? style.fill : style.color);
      colour[3] *= opacity * (svg ? style.fillOpacity : 1);
      const size = parseFloat(style.fontSize), bold = style.fontWeight >= 700;
      const large = size >= 24 || (bold && size >= 18.66);
      const value = ratio(over(colour, ground), ground);
      looked++;
      if (value < (large ? 3 : 4.5) - 0.005)
        found.push(`${value.toFixed(2)} ${text.slice(0, 40)} (${e.tagName.toLowerCase()}.${e.getAttribute('class')?.slice(0, 40)})`);
    }
  }
  return { looked, found: [...new Set(found)] };
}
