// The kiosk: draws each state as it comes. Nothing is kept of a person once the state says that nobody is there.
import { aim } from "./aim.js";
import { liveMirror } from "./live.js";
import { forgetResult, showReply, showResult } from "./result.js";
import { play, toggleSound } from "./sound.js";
import { follow } from "./states.js";
import { both, element, icon, say, word } from "./text.js";
import { closeWho, prepareWho } from "./who.js";

const body = document.body, root = body.dataset.root;
const find = (id) => document.getElementById(id);
const csrf = document.querySelector('meta[name="csrf-token"]').content;
const mirror = liveMirror(find("live"), root);
const LANGUAGES = ["both", "zh", "en"];
const NOTE_MS = 4000;
const qr = "phones" in body.dataset ? (code) => `${root}/qr/${encodeURIComponent(code)}` : null;
let latest = null, person = "", shown = "", before = {}, deadline = 0, whole = 0, noteTimer = 0;

function take(state) {
  latest = state;
  const now = state ?? { phase: "idle", outline: "none", camera_state: "away" };
  const trouble = now.camera_state !== "ok";
  const phase = trouble ? "idle" : now.phase;
  if (person && person !== now.arrival) closeWho(); // what somebody typed is theirs
  person = now.arrival ?? "";
  if (phase === "idle" || phase === "approach" || phase === "looking") forget();
  body.dataset.phase = phase;
  body.dataset.outline = now.outline;
  showTrouble(trouble ? now : null);
  mirror.show(!trouble);
  turn();
  advise(now);
  if (phase === "result" || phase === "done") judge(now, phase);
  countDown(now);
  const crowd = now.people > 1 && (phase === "result" || phase === "done"); // before, advice says it where they are in the way
  showNote(trouble ? null : now.note ?? (crowd ? word("kiosk.people") : null));
  sound(now, phase);
  if (phase === "idle" && before.phase !== "idle") greetAnew();
  before = { phase, outline: now.outline, arrival: now.result?.arrival };
}

/** The mirror turns to whom it speaks to; now and then, since the picture may have another size than a moment ago. */
function turn() {
  const there = latest?.camera_state === "ok" ? latest.person : null;
  aim(find("live"), find("whose"), there, latest?.people > 1);
}

function forget() {
  shown = "";
  forgetResult();
  if (body.dataset.phase === "result") closeWho();
}

/** The next person finds the page as the first one did. */
function greetAnew() {
  closeWho();
  setLanguage("both");
  find("advice").replaceChildren();
}

function judge({ result }, phase) {
  if (!result) return;
  const gist = JSON.stringify([result, phase, innerWidth, innerHeight]);
  if (gist === shown) return;
  shown = gist;
  const { nameless } = showResult(result, qr);
  find("who-open").classList.toggle("offered", nameless > 0 && !result.identified);
  if (phase === "done") showReply(find("done-reply"), result, qr);
}

function advise({ guidance = [] }) {
  const items = guidance.slice(0, 2).map(({ icon: name, text }) =>
    element("li", "", element("span", "tile", icon(name, "icon", "person")), element("span", "", both(text))));
  const list = find("advice"), made = element("ul", "", ...items);
  if (list.innerHTML !== made.innerHTML) list.replaceChildren(...items);
}

function showTrouble(state) {
  find("trouble").hidden = !state;
  body.toggleAttribute("data-trouble", Boolean(state));
  if (!state) return;
  body.dataset.camera = state.camera_state;
  find("trouble-icon").replaceChildren(icon(`camera-${state.camera_state}`, "icon", "camera-lost"));
  say(find("trouble-head"), word(`kiosk.camera.${state.camera_state}`));
  const note = find("trouble-note");
  if (state.note) say(note, state.note);
  else note.replaceChildren();
}

function countDown({ grace_left: left, grace_of: of, phase }) {
  const counts = phase === "result" && left !== null && left !== undefined;
  find("grace").hidden = !counts;
  deadline = counts ? performance.now() + left * 1000 : 0;
  whole = counts ? of || left || 1 : 0;
  tick();
}

function tick() {
  if (!deadline) return;
  const left = Math.max(0, (deadline - performance.now()) / 1000);
  find("seconds").textContent = Math.ceil(left);
  find("ring").style.strokeDashoffset = String(100 - 100 * Math.min(1, left / whole));
}

function showNote(text, milliseconds = 0) {
  const place = find("note");
  if (!text) {
    if (!noteTimer) hideNote();
    return;
  }
  say(place, text);
  place.hidden = false;
  body.dataset.noted = "";
  if (milliseconds) {
    clearTimeout(noteTimer);
    noteTimer = setTimeout(hideNote, milliseconds);
  }
}

function hideNote() {
  noteTimer = 0;
  find("note").hidden = true;
  delete body.dataset.noted; // what stands there has its room back
}

function sound(now, phase) {
  if (phase === "approach" && now.outline === "ready" && before.outline !== "ready") play("ready");
  if (phase === "result" && (before.phase !== "result" || before.arrival !== now.result?.arrival)) play(body.dataset.tone);
}

async function ask(what, fields = {}) {
  const form = new URLSearchParams({ ...fields, arrival: person });
  const answer = await fetch(`${root}/${what}`, { method: "POST", headers: { "X-CSRFToken": csrf }, body: form }).catch(() => null);
  return answer?.status ?? 503;
}

async function wish(what) {
  const status = await ask(what);
  if (status !== 202) showNote(word(status === 429 ? "kiosk.who.often" : "kiosk.away"), NOTE_MS);
}

function setLanguage(language) {
  body.dataset.lang = language;
  const label = word(language === "both" ? "kiosk.language" : `kiosk.language.${language}`);
  find("language").setAttribute("aria-label", language === "en" ? label.en : label.zh);
  shown = "";
}

function changeLanguage() {
  setLanguage(LANGUAGES[(LANGUAGES.indexOf(body.dataset.lang) + 1) % LANGUAGES.length]);
  if (latest) take(latest);
}

function setSound(on) {
  const button = find("sound"), { zh, en } = word(on ? "kiosk.sound.on" : "kiosk.sound.off");
  button.setAttribute("aria-pressed", String(on));
  button.setAttribute("aria-label", `${zh} ${en}`);
  button.replaceChildren(icon(on ? "sound" : "silent"));
}

find("again").addEventListener("click", () => wish("again"));
find("finish").addEventListener("click", () => wish("done"));
find("sound").addEventListener("click", () => setSound(toggleSound()));
find("language").addEventListener("click", () => changeLanguage());
document.addEventListener("contextmenu", (event) => event.preventDefault());
addEventListener("pageshow", (event) => event.persisted && location.reload());
addEventListener("resize", () => latest && take(latest));
setInterval(() => { tick(); turn(); }, 250);
setSound(false);
setLanguage("both");
prepareWho((code) => ask("who", { code }), () => ["looking", "result"].includes(body.dataset.phase));
follow(root, take, () => location.replace(root));
