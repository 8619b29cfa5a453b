// Every head of every layer as a small picture; a click, Enter or the arrow keys choose one.
function drawHeads(root, component) {
  const { data } = component;
  root.className = "heads";
  root.replaceChildren();
  const [layers, heads] = [data.grid.length, data.grid[0].length];
  const board = make("div", "board");
  board.style.gridTemplateColumns = `auto repeat(${heads}, minmax(0, ${heads > 1 ? 1 : 0.5}fr))`;
  board.setAttribute("role", "group");
  board.setAttribute("aria-label", data.alt);
  const ink = getComputedStyle(root).getPropertyValue("--accent").trim() || "#14978a";
  const buttons = [];
  const add = (layer, head, name) => {
    const button = make("button", "head");
    button.type = "button";
    button.title = name;
    button.setAttribute("aria-label", name);
    button.setAttribute("aria-pressed", layer === data.chosen[0] && head === data.chosen[1]);
    button.onclick = () => component.setTriggerValue("step", { sentence: layer, step: head, at: Date.now() });
    button.dataset.n = buttons.length;
    buttons.push(button);
    return button;
  };
  const corner = add(0, 0, said("Mean of all heads"));
  corner.classList.add("mean");
  corner.textContent = said("mean");
  board.append(corner);
  for (let h = 1; h <= heads; h++) board.append(make("span", "side", said("head {n}", { n: h })));
  data.grid.forEach((row, l) => {
    board.append(make("span", "side", said("layer {n}", { n: l + 1 })));
    row.forEach((alpha, h) => {
      const button = add(l + 1, h + 1, said("Layer {layer}, head {head}", { layer: l + 1, head: h + 1 }));
      const canvas = make("canvas");
      [canvas.width, canvas.height] = [alpha[0].length, alpha.length];
      const pen = canvas.getContext("2d");
      pen.fillStyle = ink;
      alpha.forEach((weights, y) => weights.forEach((w, x) => {
        pen.globalAlpha = Math.min(1, w / 100);
        pen.fillRect(x, y, 1, 1);
      }));
      button.append(canvas);
      board.append(button);
    });
  });
  root.append(board);
  board.onkeydown = (e) => {
    const n = buttons.indexOf(e.target);
    if (n < 0) return;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: heads, ArrowUp: -heads }[e.key];
    if (by === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    buttons[Math.max(0, Math.min(buttons.length - 1, n + by))].focus();
  };
  return {};
}
