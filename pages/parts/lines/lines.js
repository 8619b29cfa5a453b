// Source words and output words joined by lines as thick as the weight. Side by side in two rows where
// they fit; else in two columns of a fixed height that scroll, so that words always stay in view.
const SVG = "http://www.w3.org/2000/svg";
const FAINT = 0.03; // weights below are not drawn
const MOST = 6; // lines drawn for one output word

function drawLines(root, component) {
  const { data } = component;
  root.className = "lines";
  root.replaceChildren();
  const stage = make("div", "stage");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const rows = { src: make("div", "row src"), tgt: make("div", "row tgt") };
  const words = { src: [], tgt: [] };
  for (const side of ["src", "tgt"]) {
    rows[side].dir = "auto";
    rows[side].lang = data[`${side}_lang`] ?? "";
    rows[side].setAttribute("role", "group");
    rows[side].setAttribute("aria-label", said(side === "src" ? "Source words" : "Output words"));
    data[side].forEach((text, n) => {
      const node = make("span", "word", text);
      node.dataset.n = n;
      node.tabIndex = n ? -1 : 0;
      node.dir = "auto";
      node.setAttribute("role", "button");
      node.title = text;
      words[side].push(node);
      rows[side].append(node);
    });
    rows[side].onscroll = () => requestAnimationFrame(place);
  }
  const status = make("div", "status");
  status.setAttribute("aria-live", "polite");
  stage.append(svg, rows.src, rows.tgt);
  const sides = make("div", "ends");
  sides.append(make("span", "side", data.names?.[0] ?? ""), make("span", "side", data.names?.[1] ?? ""));
  root.append(sides, stage, status);

  const links = [];
  const link = (i, j, w) => {
    const path = document.createElementNS(SVG, "path");
    svg.append(path);
    links.push({ i, j, w, path });
  };
  if (data.alpha) {
    data.alpha.forEach((row, j) =>
      row.map((w, i) => [w, i]).sort((a, b) => b[0] - a[0]).slice(0, MOST)
        .forEach(([w, i]) => w >= FAINT && link(i, j, w)));
  } else {
    words.src.forEach((_, i) => link(i, -1, 0.25));
    words.tgt.forEach((_, j) => link(-1, j, 0.25));
  }
  const knot = document.createElementNS(SVG, "circle");
  if (!data.alpha) svg.append(knot);

  let tall = false;
  const arrange = () => {
    const room = root.clientWidth - 24;
    if (room <= 0) return;
    root.classList.remove("tall", "tight");
    stage.style.height = "auto";
    const widest = () => Math.max(...["src", "tgt"].map((side) =>
      words[side].reduce((sum, w) => sum + w.offsetWidth + 3.5, 0)));
    if ((tall = widest() > room)) {
      root.classList.add("tight");
      tall = widest() > room;
      root.classList.toggle("tight", !tall);
    }
    root.classList.toggle("tall", tall);
    if (tall) {
      const line = words.tgt[0] ? words.tgt[0].offsetHeight + 3 : 34;
      const whole = Math.max(words.src.length, words.tgt.length) * line + 6;
      stage.style.height = `${Math.min(whole, data.height ?? 360)}px`;
    } else {
      stage.style.height = `${Math.min(data.height ?? 300, 250)}px`;
    }
    sides.style.display = tall && data.names ? "" : "none";
    place();
    onStep();
  };

  // Where a word's line begins; a word that is scrolled out of view leads to its column's edge.
  const end = (side, n, box) => {
    const r = words[side][n].getBoundingClientRect();
    if (!tall) return { x: r.left + r.width / 2 - box.left, y: (side === "src" ? r.bottom : r.top) - box.top, off: false };
    const frame = rows[side].getBoundingClientRect();
    const middle = r.top + r.height / 2;
    const y = Math.max(frame.top + 2, Math.min(frame.bottom - 2, middle));
    return { x: (side === "src" ? r.right : r.left) - box.left, y: y - box.top, off: y !== middle };
  };

  function place() {
    const box = stage.getBoundingClientRect();
    const ends = { src: words.src.map((_, n) => end("src", n, box)), tgt: words.tgt.map((_, n) => end("tgt", n, box)) };
    const centre = { x: box.width / 2, y: box.height / 2, off: false };
    links.forEach((l) => {
      const a = l.i < 0 ? centre : ends.src[l.i];
      const b = l.j < 0 ? centre : ends.tgt[l.j];
      const bend = tall
        ? `C ${(a.x + b.x) / 2} ${a.y}, ${(a.x + b.x) / 2} ${b.y}, ${b.x} ${b.y}`
        : `C ${a.x} ${(a.y + b.y) / 2}, ${b.x} ${(a.y + b.y) / 2}, ${b.x} ${b.y}`;
      l.path.setAttribute("d", `M ${a.x} ${a.y} ${bend}`);
      l.path.style.display = a.off && b.off ? "none" : "";
      l.off = a.off || b.off;
    });
    knot.setAttribute("cx", centre.x);
    knot.setAttribute("cy", centre.y);
    knot.setAttribute("r", 9);
    knot.setAttribute("fill", "var(--accent)");
    show();
  }

  const into = (side, n) => {
    if (!tall || n < 0) return;
    const node = words[side][n];
    const [from, to] = [rows[side].scrollTop, rows[side].scrollTop + rows[side].clientHeight];
    if (node.offsetTop < from || node.offsetTop + node.offsetHeight > to) {
      rows[side].scrollTop = node.offsetTop - rows[side].clientHeight / 2;
    }
  };

  const best = (weights) => weights.reduce((top, w, n) => (w > weights[top] ? n : top), 0);

  const tell = (side, n) => {
    status.replaceChildren();
    if (n === undefined) return status.append(data.hint ?? "");
    const other = side === "src" ? "tgt" : "src";
    const found = partners(data, side, n);
    const top = (found ?? []).map((w, k) => [w, k]).sort((x, y) => y[0] - x[0]).filter(([w]) => w >= 0.05).slice(0, 4);
    const words = top.flatMap(([w, k], m) => [m ? ", " : "", make("bdi", "", data[other][k]), ` ${percent(w)}`]);
    if (!top.length) words.push(said(found ? "hardly any word" : "nothing: this model has no attention"));
    const sentence = side === "tgt" ? "{word} looked at {words}" : "{word} was looked at by {words}";
    status.append(...saidNodes(sentence, { word: make("bdi", "strong", data[side][n]), words }));
  };

  function show() {
    const g = group(data.id);
    const chosen = wordOf(data, g.step);
    const seen = g.look ?? null;
    const lit = seen && partners(data, seen.side, seen.n);
    for (const side of ["src", "tgt"]) {
      words[side].forEach((node, n) => {
        const self = seen?.side === side && seen.n === n;
        const resting = !seen && data.alpha && side === "src" && chosen >= 0 ? data.alpha[chosen][n] : 0;
        const w = self ? 1 : seen ? (seen.side === side ? 0 : (lit?.[n] ?? 0)) : resting;
        node.classList.toggle("self", self);
        node.classList.toggle("lit", w > 0.04);
        node.classList.toggle("chosen", side === "tgt" && n === chosen);
        node.setAttribute("aria-pressed", side === "tgt" && n === chosen);
        node.style.setProperty("--lit", w.toFixed(3));
      });
    }
    links.forEach((l) => {
      const on = seen ? (seen.side === "src" ? l.i === seen.n : l.j === seen.n) : data.alpha ? l.j === chosen : true;
      l.path.style.strokeWidth = (0.8 + 11 * l.w).toFixed(2);
      l.path.style.opacity = ((on ? 0.35 + 0.6 * l.w : seen ? 0.05 : 0.08 + 0.3 * l.w) * (l.off ? 0.5 : 1)).toFixed(3);
    });
    seen ? tell(seen.side, seen.n) : tell();
  }

  for (const side of ["src", "tgt"]) {
    listen(rows[side], words[side], {
      vertical: false,
      onLook: (n) => {
        if (n < 0) return look(data.id);
        look(data.id, side, n);
        const other = side === "src" ? "tgt" : "src";
        const found = partners(data, side, n);
        if (found) into(other, best(found));
      },
      onPick: (n) => {
        const g = group(data.id);
        if (side === "src") {
          g.pinned = g.pinned?.n === n ? null : { side, n };
          look(data.id);
        } else {
          g.pinned = null;
          choose(component, data.id, data.sentence, data.spans[n][0]);
          look(data.id, "tgt", n);
        }
      },
    });
  }
  function onStep() {
    const n = wordOf(data, group(data.id).step);
    if (n >= 0) {
      into("tgt", n);
      if (data.alpha) into("src", best(data.alpha[n]));
    }
    show();
  }
  return {
    onStep,
    onLook: show,
    watch: () => {
      let width = 0; // a line of text more or less changes the height only
      const observer = new ResizeObserver(() => {
        if (root.clientWidth === width) return;
        width = root.clientWidth;
        requestAnimationFrame(arrange);
      });
      observer.observe(root);
      document.fonts?.ready.then(arrange);
      arrange();
      return () => observer.disconnect();
    },
  };
}
