// What the camera sees of somebody from where it hangs. The stream is as in a mirror; here it is turned back.
import { liveMirror } from "./live.js";
import { follow } from "./states.js";
import { both, element, icon, say, word } from "./text.js";

const body = document.body, root = body.dataset.root;
const find = (id) => document.getElementById(id);
const mirror = liveMirror(find("live"), root, `&camera=${encodeURIComponent(body.dataset.camera)}`);

function take(state) {
  const well = state?.camera_state === "ok";
  mirror.show(well);
  const seen = well ? state.extra?.placing : null;
  if (!well) say(find("status"), word(`kiosk.camera.${state?.camera_state ?? "away"}`));
  else if (!seen) say(find("status"), word("kiosk.placing.nobody"));
  find("status").hidden = Boolean(seen);
  find("boxes").replaceChildren(...(seen?.regions ?? []).filter((region) => region.box).map(rectangle));
  fill("regions", (seen?.regions ?? []).map((r) => line(r.visible, r.title, r.why ?? (r.visible ? word("kiosk.placing.seen") : null))));
  for (const kind of ["can", "cannot"]) {
    fill(kind, (seen?.[kind] ?? []).map((clause) => line(kind === "can", clause, clause.why)));
    find(`${kind}-count`).textContent = seen ? String(seen[kind].length) : "";
  }
}

function fill(id, lines) {
  find(id).replaceChildren(...lines);
}

function line(good, title, why) {
  const text = element("div", "", both(title), why ? element("small", "", both(why)) : null);
  return element("li", `tone-${good ? "pass" : "unsure"}`, icon(good ? "pass" : "unsure"), text);
}

function rectangle({ box: [x1, y1, x2, y2], visible }) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const shape = { x: x1, y: y1, width: x2 - x1, height: y2 - y1, class: visible ? "seen" : "hidden" };
  for (const [name, value] of Object.entries(shape)) made.setAttribute(name, value);
  return made;
}

follow(root, take, () => location.replace(root), `?placing=1&camera=${encodeURIComponent(body.dataset.camera)}`);
