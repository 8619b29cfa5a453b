// What the parts share. `group`: all parts of one picture, on whichever place of the page.
const bus = (window.s2sBus ??= new EventTarget());
const groups = (window.s2sGroups ??= new Map());

const group = (id) => {
  if (!groups.has(id)) groups.set(id, { step: -1, at: 0, look: null, pinned: null });
  return groups.get(id);
};

const say = (what, id, detail = {}) =>
  bus.dispatchEvent(new CustomEvent(what, { detail: { id, ...detail } }));

const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

// A string in the language of the interface; Python knows the same strings (says.py). Values are plain
// text, or nodes and lists of them, which stay what they are.
let says = {};
const said = (text, values = {}) => (says[text] ?? text).replace(/{(\w+)}/g, (_, name) => values[name]);
const saidNodes = (text, values) => (says[text] ?? text).split(/{(\w+)}/g)
  .flatMap((part, n) => (n % 2 ? values[part] : part)).filter((part) => part !== "");

const percent = (p) => (p >= 0.9995 ? "100%" : p >= 0.1 ? `${(100 * p).toFixed(0)}%`
  : p >= 0.001 ? `${(100 * p).toFixed(1)}%` : "<0.1%");

// The word of the output that a step belongs to, and back.
const wordOf = (data, step) => data.spans.findIndex(([a, b]) => a <= step && step < b);

// Weight with which each word of the other side belongs to word n of this side; null: no attention.
const partners = (data, side, n) => {
  if (!data.alpha) return null;
  return side === "tgt" ? data.alpha[n] : data.alpha.map((row) => row[n]);
};

const choose = (component, id, sentence, step) => {
  const g = group(id);
  g.step = step;
  g.at = performance.now();
  say("step", id, { step });
  component.setTriggerValue("step", { sentence, step, at: Date.now() });
};

const look = (id, side, n) => {
  const g = group(id);
  g.look = side ? { side, n } : g.pinned;
  say("look", id);
};

// Hover, focus, tap and keys of a row of words. `pick`: Enter, space, click.
const listen = (node, words, { onLook, onPick, vertical }) => {
  const at = (event) => words.indexOf(event.target.closest?.("[data-n]"));
  node.onpointerover = (e) => e.pointerType !== "touch" && at(e) >= 0 && onLook(at(e));
  node.onpointerleave = (e) => e.pointerType !== "touch" && onLook(-1);
  node.addEventListener("focusin", (e) => at(e) >= 0 && e.target.matches(":focus-visible") && onLook(at(e)));
  node.addEventListener("focusout", () => onLook(-1));
  node.onclick = (e) => at(e) >= 0 && onPick(at(e));
  node.onkeydown = (e) => {
    const n = at(e);
    if (n < 0) return;
    const rtl = getComputedStyle(node).direction === "rtl" && !vertical;
    const moves = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1, ArrowDown: 1, ArrowUp: -1 };
    let to = e.key in moves ? n + moves[e.key] : { Home: 0, End: words.length - 1 }[e.key];
    if (e.key === "Enter" || e.key === " ") {
      e.preventDefault();
      e.stopPropagation();
      onPick(n);
    } else if (to !== undefined) {
      e.preventDefault();
      e.stopPropagation();
      to = Math.max(0, Math.min(words.length - 1, to));
      words.forEach((w) => (w.tabIndex = -1));
      words[to].tabIndex = 0;
      words[to].focus();
    }
  };
};

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector("#s2s");
  if (!root || !data) return;
  says = data.says ?? {};
  const g = group(data.id);
  // a choice made here a moment ago is newer than what the server says
  if (performance.now() - g.at > 1500) g.step = data.step;
  root.stop?.();
  const { step: _, ...content } = data; // a new step alone must not take the focus away
  const now = JSON.stringify(content);
  if (now !== root.drawn) {
    root.drawn = now;
    root.draw = { answer: drawAnswer, lines: drawLines, step: drawStep, matrix: drawMatrix, tree: drawTree, heads: drawHeads }[data.part](root, component);
  }
  const { onStep, onLook, watch } = root.draw;
  const heard = (handler) => (e) => e.detail.id === data.id && handler?.();
  const [a, b] = [heard(onStep), heard(onLook)];
  bus.addEventListener("step", a);
  bus.addEventListener("look", b);
  const unwatch = watch?.();
  root.stop = () => {
    bus.removeEventListener("step", a);
    bus.removeEventListener("look", b);
    unwatch?.();
  };
  onStep?.();
  return root.stop;
}
