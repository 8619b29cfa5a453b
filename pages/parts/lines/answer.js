// The answer as running text: every word shaded by how sure the model was, lit by its partners.
function drawAnswer(root, component) {
  const { data } = component;
  root.replaceChildren();
  root.className = "answer";
  const text = make("div", "text");
  text.dir = "auto";
  text.lang = data.lang ?? "";
  text.setAttribute("role", "group");
  text.setAttribute("aria-label", said("Answer, word by word"));
  const words = [];
  const home = [];
  data.sentences.forEach((sentence, s) => {
    if (sentence.before) text.append(sentence.before);
    sentence.words.forEach(([before, word, p, step], n) => {
      if (before) text.append(before);
      const node = make("span", "word", word);
      node.style.setProperty("--unsure", Math.max(0, Math.min(1, 1 - p)).toFixed(3));
      node.dataset.n = n;
      node.dataset.sentence = s;
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", said("{word}, {p} sure", { word, p: percent(p) }));
      node.title = said("{p} sure", { p: percent(p) });
      node.tabIndex = words.length ? -1 : 0;
      words.push(node);
      home.push({ s, n, step });
      text.append(node);
    });
  });
  if (!words.length) text.append(make("span", "quiet", data.empty ?? said("(the empty sentence)")));
  const foot = make("div", "foot");
  const legend = make("span", "legend");
  legend.append(said("unsure"), " ", make("span", "ramp"), " ", said("sure"));
  legend.title = said("The ground of each word tells how probable the model found it");
  const copy = make("button", "copy", said("Copy"));
  copy.type = "button";
  copy.onclick = async () => {
    await putOnClipboard(data.text);
    copy.textContent = said("Copied");
    setTimeout(() => (copy.textContent = said("Copy")), 1500);
  };
  foot.append(legend, make("span", "about", data.about ?? ""), copy);
  root.append(text, foot);

  const here = (k) => home[k].s === data.sentence;
  listen(text, words, {
    onLook: (k) => (k >= 0 && here(k) ? look(data.id, "tgt", home[k].n) : look(data.id)),
    onPick: (k) => choose(component, data.id, home[k].s, home[k].step),
  });
  const show = () => {
    const g = group(data.id);
    const chosen = wordOf(data, g.step);
    const lit = g.look && (g.look.side === "tgt" ? null : partners(data, "src", g.look.n));
    words.forEach((node, k) => {
      const n = home[k].n;
      const w = !here(k) || !g.look ? 0 : g.look.side === "tgt" ? Number(g.look.n === n) : (lit?.[n] ?? 0);
      node.classList.toggle("chosen", here(k) && n === chosen);
      node.classList.toggle("lit", w > 0.1);
      node.style.setProperty("--lit", w.toFixed(3));
    });
  };
  return { onStep: show, onLook: show };
}

async function putOnClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
