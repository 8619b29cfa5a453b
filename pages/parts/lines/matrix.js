// A heatmap of Plotly's, made part of the picture: clicks and taps choose a step, hovering lights words
// everywhere, and the row and the column that are meant are outlined over it.
function drawMatrix(root, component) {
  const { data } = component;
  root.className = "";
  let plot = null;
  let waiting = 0;
  const boxes = ["row", "column", "looked"].map((kind) => {
    const box = make("div");
    const colour = kind === "looked" ? "#c2762f" : "#14978a";
    Object.assign(box.style, { position: "absolute", pointerEvents: "none", display: "none", zIndex: 5,
      border: `2px solid ${colour}`, borderRadius: "3px", boxSizing: "border-box" });
    box.dataset.outline = kind;
    return box;
  });
  const axes = () => [plot._fullLayout.xaxis, plot._fullLayout.yaxis];
  const frame = (box, x0, x1, y0, y1) => {
    const [x, y] = axes();
    const clip = (v, low, high) => Math.max(low, Math.min(high, v));
    const px = [x0, x1].map((v) => clip(x.d2p(v), 0, x._length) + x._offset);
    const py = [y0, y1].map((v) => clip(y.d2p(v), 0, y._length) + y._offset);
    const size = [Math.abs(px[1] - px[0]), Math.abs(py[1] - py[0])];
    Object.assign(box.style, { display: size[0] < 2 || size[1] < 2 ? "none" : "block",
      left: `${Math.min(...px)}px`, top: `${Math.min(...py)}px`, width: `${size[0]}px`, height: `${size[1]}px` });
  };
  const show = () => {
    if (!plot?._fullLayout?.xaxis?.d2p) return;
    const g = group(data.id);
    const chosen = wordOf(data, g.step);
    const [T, S] = [data.alpha.length, data.alpha[0].length];
    boxes.forEach((box) => (box.style.display = "none"));
    if (chosen >= 0) {
      const top = data.alpha[chosen].reduce((best, w, n) => (w > data.alpha[chosen][best] ? n : best), 0);
      frame(boxes[0], -0.5, S - 0.5, chosen - 0.5, chosen + 0.5);
      frame(boxes[1], top - 0.5, top + 0.5, -0.5, T - 0.5);
    }
    if (g.look) {
      const { side, n } = g.look;
      if (side === "tgt") frame(boxes[2], -0.5, S - 0.5, n - 0.5, n + 0.5);
      else frame(boxes[2], n - 0.5, n + 0.5, -0.5, T - 0.5);
    }
  };
  const cell = (event) => {
    const [x, y] = axes();
    const r = plot.getBoundingClientRect();
    const at = [x.p2d(event.clientX - r.left - x._offset), y.p2d(event.clientY - r.top - y._offset)];
    return at.map(Math.round);
  };
  let down = null;
  const onDown = (e) => (down = [e.clientX, e.clientY]);
  const onClick = (e) => {
    const from = down;
    down = null;
    if (!from || Math.hypot(e.clientX - from[0], e.clientY - from[1]) > 6) return; // a drag pans
    if (e.target.closest?.(".modebar")) return;
    const row = cell(e)[1];
    if (row >= 0 && row < data.spans.length) choose(component, data.id, data.sentence, data.spans[row][0]);
  };
  let mine = null; // Plotly reports late that the pointer left: by then another word may be looked at
  const onHover = (e) => {
    look(data.id, "tgt", Math.round(e.points[0].y));
    mine = group(data.id).look;
  };
  const onLeave = () => group(data.id).look === mine && look(data.id);
  const attach = () => {
    const found = document.querySelector(`.st-key-${data.chart} .js-plotly-plot`);
    if (!found?._fullLayout?.xaxis?.d2p || found === plot) return;
    plot = found;
    plot.style.position = "relative";
    plot.append(...boxes);
    plot.addEventListener("pointerdown", onDown, true);
    plot.on?.("plotly_hover", onHover);
    plot.on?.("plotly_unhover", onLeave);
    plot.on?.("plotly_relayout", show);
    plot.on?.("plotly_afterplot", show);
    plot.dataset.linked = "true";
    show();
  };
  return {
    onStep: show,
    onLook: show,
    watch: () => {
      waiting = setInterval(attach, 100);
      document.addEventListener("pointerup", onClick, true); // Plotly covers the page while a button is down
      attach();
      return () => {
        clearInterval(waiting);
        document.removeEventListener("pointerup", onClick, true);
      };
    },
  };
}
