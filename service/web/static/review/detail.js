import { helpDialog, onKeys, walker } from "./keys.js";

const findings = [...document.querySelectorAll(".group:not(details) .finding")];
const walk = walker(findings);
const press = (key) => () => {
  const button = walk.current?.querySelector(`[data-key=${key}]`);
  if (!button) return false;
  const reason = button.form.querySelector(".reason-input");
  if (key === "o" && !reason.value.trim()) { reason.focus(); return true; }
  button.click();
  return true;
};
const follow = (key) => () => document.querySelector(`[data-key="${key}"]`)?.click();
const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));

function next(after) {
  const from = findings.indexOf(after);
  return findings.find((each, i) => i > from && waits(each)) ?? findings.find(waits);
}

// After a decision the page comes back at that finding: go on to the next one that waits. Else nothing is scrolled to.
const waits = (each) => each.querySelector(".decide");
if (wanted && findings.includes(wanted)) walk.set(waits(wanted) ? wanted : next(wanted) ?? wanted);
else if (findings.length) walk.set(findings.find(waits) ?? findings[0], false);

const body = document.body;
const boxes = document.querySelector(".toggle-boxes");
function toggleBoxes() {
  const off = body.classList.toggle("no-boxes");
  boxes?.setAttribute("aria-pressed", String(!off));
}
boxes?.addEventListener("click", toggleBoxes);

function zoom(svg) {
  const shade = document.createElement("div");
  shade.className = "zoomed";
  shade.append(svg.cloneNode(true));
  shade.addEventListener("click", () => shade.remove());
  body.append(shade);
}
function toggleZoom() {
  const open = document.querySelector(".zoomed");
  if (open) open.remove();
  else { const svg = document.querySelector(".overview svg"); if (svg) zoom(svg); }
}
document.querySelectorAll(".zoomable").forEach((svg) => svg.addEventListener("click", () => zoom(svg)));
document.querySelector(".toggle-zoom")?.addEventListener("click", toggleZoom);
// The browser focuses the finding that the address names, after this script: only what is in a finding moves the mark.
findings.forEach((each) => each.addEventListener("focusin", (event) => { if (event.target !== each) walk.set(each); }));

onKeys({
  j: () => walk.move(1),
  k: () => walk.move(-1),
  c: press("c"),
  o: press("o"),
  p: press("p"),
  f: press("f"),
  u: follow("u"),
  n: follow("n"),
  N: follow("N"),
  q: follow("q"),
  b: toggleBoxes,
  z: toggleZoom,
  Escape: () => document.querySelector(".zoomed")?.remove(),
  "?": helpDialog(),
});

// The directory is searched while somebody types; without script the number itself is typed.
const who = document.querySelector(".who-form");
let timer;
who?.querySelector("#staff").addEventListener("input", (event) => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const answer = await fetch(`${who.dataset.people}?q=${encodeURIComponent(event.target.value)}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { people } = await answer.json();
    document.getElementById("people").replaceChildren(...people.map((person) => {
      const option = document.createElement("option");
      option.value = person.staff;
      option.textContent = `${person.name} ${person.department}`;
      return option;
    }));
  }, 200);
});
