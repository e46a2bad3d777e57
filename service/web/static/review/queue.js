import { helpDialog, onKeys, walker } from "./keys.js";

const rows = [...document.querySelectorAll(".row")];
const walk = walker(rows);
const form = document.querySelector(".list-form");
const count = document.querySelector(".bulk-count");
const hint = count?.textContent;

function chosen() {
  return rows.filter((row) => row.querySelector("input[type=checkbox]")?.checked);
}

function showChosen() {
  if (count) count.textContent = chosen().length ? count.dataset.text.replace("{count}", chosen().length) : hint;
}

function choose(row) {
  const box = row?.querySelector("input[type=checkbox]");
  if (box) { box.checked = !box.checked; showChosen(); }
}

// Acts on what is chosen, else on the row that the keyboard stands on.
function act(action) {
  if (!form || !count) return;
  if (!chosen().length) choose(walk.current);
  if (!chosen().length) return;
  if (action === "overturn" && !form.elements.reason.value.trim()) { form.elements.reason.focus(); return; }
  form.querySelector(`button[value=${action}]`).click();
}

form?.addEventListener("change", showChosen);
form?.elements.reason?.addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); act("overturn"); }
});
onKeys({
  j: () => walk.move(1),
  k: () => walk.move(-1),
  ArrowDown: () => walk.move(1),
  ArrowUp: () => walk.move(-1),
  Enter: () => walk.current ? walk.current.querySelector(".row-link").click() : false,
  x: () => choose(walk.current),
  c: () => act("confirm"),
  o: () => act("overturn"),
  u: () => document.querySelector(".undo-form:not([hidden]) button")?.click(),
  n: () => document.querySelector("a[rel=next]")?.click(),
  "?": helpDialog(),
});

// New arrivals are announced and never pushed in between: what somebody is about to click must stay where it is.
const fresh = document.querySelector(".fresh");
async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(document.querySelector(".desk").dataset.new, { headers: { "X-Background": "1", Accept: "application/json" } });
    if (!answer.ok) return;
    const { count: number } = await answer.json();
    fresh.hidden = !number;
    fresh.textContent = (number === 1 ? fresh.dataset.one : fresh.dataset.many).replace("{count}", number);
  } catch { /* the next look may succeed */ }
}
setInterval(look, 10000);
if (matchMedia("(max-width: 50rem)").matches) document.querySelector(".filters-box")?.removeAttribute("open");
