// The beam tree: steps down, hypotheses side by side. Pointing at a node lights its path and shows the
// sentence so far; choosing it hands the node to Python, which goes on from there.
const ROW_HEIGHT = 46;

function drawTree(root, component) {
  const { data } = component;
  root.className = "tree";
  root.replaceChildren();
  const nodes = new Map(data.nodes.map((n) => [n.id, n]));
  const ink = document.createElement("canvas").getContext("2d");
  ink.font = `15px ${getComputedStyle(root).fontFamily}`;
  // every lane is as wide as its widest word with the number beside its edge, so nothing collides
  const widths = [];
  data.nodes.forEach((n) => {
    const ending = n.ends ? ink.measureText(n.ends).width : 0;
    widths[n.lane] = Math.max(widths[n.lane] ?? 64, ink.measureText(n.label).width + 26, ending + 22);
  });
  const room = (root.clientWidth - 60) / widths.reduce((sum, w) => sum + (w || 64), 0);
  widths.forEach((w, lane) => (widths[lane] = w * Math.max(1, Math.min(1.8, room))));
  const lefts = [];
  widths.reduce((x, w, lane) => ((lefts[lane] = x), x + (w || 64)), 34);
  const x = (n) => (n.parent < 0 ? lefts[0] + widths[0] / 2 : lefts[n.lane] + widths[n.lane] / 2);
  const y = (n) => n.depth * ROW_HEIGHT + 6;
  const width = lefts.length ? lefts[lefts.length - 1] + widths[widths.length - 1] + 10 : 100;
  const depth = Math.max(...data.nodes.map((n) => n.depth));
  const height = (depth + 1) * ROW_HEIGHT;

  const svg = (tag, attributes, text) => {
    const node = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([k, v]) => node.setAttribute(k, v));
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const picture = svg("svg", { width, height, class: "picture", role: "group", "aria-label": data.alt });
  const steps = svg("g", { class: "steps" });
  for (let t = 1; t <= depth; t++) steps.append(svg("text", { x: 4, y: t * ROW_HEIGHT + 11 }, t));
  const edges = new Map();
  const labels = new Map();
  const order = data.nodes.filter((n) => n.parent >= 0);
  order.forEach((n) => {
    const p = nodes.get(n.parent);
    const [x0, y0] = [x(p), p.parent < 0 ? 8 : y(p) + 12];
    const edge = svg("path", { class: "edge", "data-kind": n.kind,
      d: `M ${x0} ${y0} C ${x0} ${y0 + 12}, ${x(n)} ${y0 + 2}, ${x(n)} ${y(n) - 12}` });
    edges.set(n.id, edge);
    picture.append(edge);
  });
  order.forEach((n, k) => {
    const g = svg("g", { class: "node", "data-kind": n.kind, "data-n": k, tabindex: k ? -1 : 0, role: "button",
      "aria-label": said("{text}, log-probability {p}, {fate}", { text: n.text, p: n.logprob.toFixed(2), fate: said(n.fate) }) });
    const half = ink.measureText(n.label).width / 2 + 7;
    g.append(svg("rect", { x: x(n) - half, y: y(n) - 11, width: 2 * half, height: 23, rx: 5 }));
    g.append(svg("text", { x: x(n), y: y(n) + 5.5, "text-anchor": "middle", class: "label" }, n.label));
    if (n.ends) g.append(svg("text", { x: x(n), y: y(n) + 26, "text-anchor": "middle", class: "ends" }, n.ends));
    labels.set(n.id, g);
    picture.append(g);
    picture.append(svg("text", { x: x(n) + 5, y: y(n) - 15, class: "number" }, n.logprob.toFixed(2)));
  });
  picture.append(steps);

  const legend = make("div", "legend");
  [...new Set(order.map((n) => n.kind))].forEach((kind) => {
    const item = make("span", "fate");
    const dot = make("span", "dot");
    dot.dataset.kind = kind;
    item.append(dot, said(kind));
    legend.append(item);
  });
  const status = make("div", "status");
  status.setAttribute("aria-live", "polite");
  const frame = make("div", "frame");
  frame.append(picture);
  const more = make("span", "more");
  const save = (kind) => {
    const button = make("button", "copy", kind.toUpperCase());
    button.type = "button";
    button.title = said("Save the picture as {kind}", { kind: kind.toUpperCase() });
    button.onclick = () => savePicture(picture, kind, "beam-tree");
    return button;
  };
  const foot = make("div", "foot");
  foot.append(legend, more, make("span", "about", said("Save:")), save("svg"), save("png"));
  root.append(foot, status, frame);

  const rest = said("Point at a token to see its sentence so far; click it, or press Enter, to ask What if from there.");
  const path = (n) => {
    const found = new Set();
    for (let at = n; at && at.parent >= 0; at = nodes.get(at.parent)) found.add(at.id);
    return found;
  };
  const show = (k) => {
    const n = k >= 0 ? order[k] : null;
    const lit = n && path(n);
    root.classList.toggle("looking", Boolean(n));
    edges.forEach((edge, id) => edge.classList.toggle("lit", Boolean(lit?.has(id))));
    labels.forEach((label, id) => label.classList.toggle("lit", Boolean(lit?.has(id))));
    status.replaceChildren();
    if (!n) return status.append(rest);
    status.append(make("bdi", "strong", n.text || said("(nothing)")),
      " · ", said("this token {p} · total {total} · normalised {score} · {fate}", { p: percent(Math.exp(n.logprob)),
        total: n.total.toFixed(3), score: n.score.toFixed(3), fate: said(n.fate) }));
  };
  const items = [...labels.values()];
  listen(picture, items, {
    onLook: show,
    onPick: (k) => component.setTriggerValue("step", { sentence: 0, step: order[k].id, at: Date.now() }),
  });
  // arrows walk the tree: up and down the path, left and right within a step
  const plain = picture.onkeydown;
  picture.onkeydown = (e) => {
    const k = items.indexOf(e.target.closest?.("[data-n]"));
    const n = order[k];
    if (!n || !e.key.startsWith("Arrow")) return plain(e);
    e.preventDefault();
    e.stopPropagation();
    const level = order.filter((m) => m.depth === n.depth).sort((a, b) => a.lane - b.lane);
    const at = level.indexOf(n);
    const to = { ArrowUp: nodes.get(n.parent), ArrowLeft: level[at - 1], ArrowRight: level[at + 1],
      ArrowDown: order.filter((m) => m.parent === n.id).sort((a, b) => a.lane - b.lane)[0] }[e.key];
    if (!to || to.parent < 0) return;
    items.forEach((item) => item.setAttribute("tabindex", -1));
    labels.get(to.id).setAttribute("tabindex", 0);
    labels.get(to.id).focus();
  };
  const edge = () => {
    const [right, below] = [frame.scrollWidth - frame.clientWidth - frame.scrollLeft, frame.scrollHeight - frame.clientHeight - frame.scrollTop];
    more.textContent = [right > 4 && said("more to the right →"), below > 4 && said("more below ↓")].filter(Boolean).join(" · ");
    steps.setAttribute("transform", `translate(${frame.scrollLeft} 0)`);
  };
  frame.onscroll = edge;
  show(-1);
  return {
    watch: () => {
      const observer = new ResizeObserver(edge);
      observer.observe(frame);
      edge();
      return () => observer.disconnect();
    },
  };
}

// A drawing as a file: colours and fonts are written into it, since a file has no page around it.
function savePicture(picture, kind, name) {
  const copy = picture.cloneNode(true);
  const [from, to] = [picture.querySelectorAll("*"), copy.querySelectorAll("*")];
  from.forEach((node, k) => {
    const style = getComputedStyle(node);
    ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight", "opacity", "paint-order"]
      .forEach((p) => to[k].style.setProperty(p, style.getPropertyValue(p)));
  });
  copy.setAttribute("xmlns", SVG);
  copy.style.background = getComputedStyle(picture).getPropertyValue("--ground") || "white";
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  const offer = (href) => {
    const link = make("a");
    link.href = href;
    link.download = `${name}.${kind}`;
    link.click();
  };
  if (kind === "svg") return offer(url);
  const image = new Image();
  image.onload = () => {
    const canvas = make("canvas");
    const [w, h] = [Number(picture.getAttribute("width")), Number(picture.getAttribute("height"))];
    Object.assign(canvas, { width: 2 * w, height: 2 * h });
    const brush = canvas.getContext("2d");
    brush.scale(2, 2);
    brush.drawImage(image, 0, 0, w, h);
    canvas.toBlob((blob) => offer(URL.createObjectURL(blob)));
  };
  image.src = url;
}
