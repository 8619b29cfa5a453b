// The text box has the first key, so that nobody tabs through the sidebar to it. Not where a finger would then
// find half the screen under a keyboard.
function firstKey(begun = performance.now()) {
  const box = boxes()[0];
  if (!matchMedia("(hover: hover)").matches || document.activeElement !== document.body) return;
  if (!box) return performance.now() - begun < 10000 && setTimeout(firstKey, 100, begun);
  box.focus({ preventScroll: true });
  box.setSelectionRange(box.value.length, box.value.length);
}

// What is typed and not yet sent survives a reload: it waits in this tab's own store. A text that is too
// long for an address waits there too, for the address cannot bring it back.
const LONG = 2000;
const place = (box) => `s2s ${location.pathname} ${box.getAttribute("aria-label")}`;
const boxes = () => document.querySelectorAll("[data-testid=stMain] textarea[aria-label]");

export default function () {
  if (window.s2sDrafts) return;
  window.s2sDrafts = true;
  const mine = (e) => e.target.matches?.("[data-testid=stMain] textarea[aria-label]");
  document.addEventListener("input", (e) => mine(e) && sessionStorage.setItem(place(e.target), e.target.value));
  const sent = (e) => mine(e) && e.target.value.length < LONG && sessionStorage.removeItem(place(e.target));
  let left = -Infinity; // when a box with unsent text was left
  document.addEventListener("focusout", (e) => {
    if (mine(e) && sessionStorage.getItem(place(e.target)) !== null) left = performance.now();
    sent(e);
  });
  // Leaving the box sends its text, which would overtake a change of page clicked at the same moment
  document.addEventListener("click", (e) => {
    const link = e.target.closest?.("a[data-testid*='NavLink']");
    if (!link || performance.now() - left > 500) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    const go = () => {
      const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
      if (state === "running" && performance.now() - left < 3000) return setTimeout(go, 40);
      left = -Infinity;
      [...document.querySelectorAll("a[data-testid*='NavLink']")].find((a) => a.href === link.href)?.click();
    };
    setTimeout(go, 120);
  }, true);
  document.addEventListener("keydown", (e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && sent(e), true);
  firstKey();
  if (performance.getEntriesByType("navigation")[0]?.type !== "reload") return;
  const put = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
  const restore = () =>
    boxes().forEach((box) => {
      const draft = sessionStorage.getItem(place(box));
      if (draft === null || draft === box.value || box.restored) return;
      box.restored = true;
      put.call(box, draft);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
  const timer = setInterval(restore, 200);
  setTimeout(() => clearInterval(timer), 5000);
}
