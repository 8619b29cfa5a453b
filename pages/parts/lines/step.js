// One step: what was written, how sure the model was, what else it considered, where it looked.
const FATES = {
  chosen: "in this output",
  kept: "went on in the beam",
  finished: "ended a sentence",
  pruned: "fell out of the beam",
  "not drawn": "chance took another",
  blocked: "forbidden by an option",
};

function drawStep(root, component) {
  const { data } = component;
  root.className = "step";
  const show = () => {
    const g = group(data.id);
    const t = Math.max(0, Math.min(data.steps.length - 1, g.step));
    const step = data.steps[t];
    root.replaceChildren();
    if (!step) return;
    const head = make("div", "head");
    const move = (by, label, sign) => {
      const button = make("button", "move", sign);
      button.type = "button";
      button.setAttribute("aria-label", label);
      button.disabled = t + by < 0 || t + by >= data.steps.length;
      button.onclick = () => {
        choose(component, data.id, data.sentence, t + by);
        root.querySelector(`[aria-label="${label}"]`)?.focus();
      };
      return button;
    };
    const title = make("span", "title");
    title.append(said("Step {n} of {all}", { n: t + 1, all: data.steps.length }), " · ", make("bdi", "token", step.token));
    head.append(title, move(-1, said("Step before"), "‹"), move(1, said("Next step"), "›"));
    const say = make("p", "say");
    step.say.forEach(([text, strong]) => say.append(strong ? make("bdi", "strong", text) : text));
    const bars = make("ol", "bars");
    step.alternatives.forEach(([token, p, fate]) => {
      const row = make("li", "bar");
      row.title = `${token}: ${percent(p)}, ${said(FATES[fate] ?? fate)}`;
      const fill = make("span", "fill");
      fill.style.width = `${Math.max(0.5, 100 * p)}%`;
      fill.dataset.fate = fate;
      const track = make("span", "track");
      track.append(fill);
      row.append(make("bdi", "name", token), track, make("span", "p", percent(p)));
      bars.append(row);
    });
    const legend = make("div", "fates");
    [...new Set(step.alternatives.map(([, , fate]) => fate))].forEach((fate) => {
      const item = make("span", "fate");
      const dot = make("span", "dot");
      dot.dataset.fate = fate;
      item.append(dot, said(fate));
      item.title = said(FATES[fate] ?? fate);
      legend.append(item);
    });
    root.append(head, say, bars, legend);
    if (step.looked?.length) {
      const looked = make("p", "looked");
      const words = step.looked.flatMap(([word, w], n) => [n ? ", " : "", make("bdi", "strong", word), ` ${percent(w)}`]);
      looked.append(...saidNodes("It looked at {words}", { words }));
      root.append(looked);
    }
  };
  return { onStep: show };
}
