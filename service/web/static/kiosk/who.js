// Saying who one is: keys to touch, a keyboard, or a scanner that types. No name is ever asked of the server or shown.
import { both, element, icon, say, word } from "./text.js";

const dialog = document.getElementById("who");
const field = document.getElementById("code");
const said = document.getElementById("who-said");
const keys = document.getElementById("keys");
const SCANNER_MS = 60; // people don't type so fast
const CLOSE_MS = 1500;

/** `send(code)` hands it on and gives the HTTP status; `scanning()` says whether a scanner's code is welcome. */
export function prepareWho(send, scanning) {
  async function submit(code) {
    if (!code.trim()) return;
    const status = await send(code.trim());
    field.value = "";
    say(said, word(status === 202 ? "kiosk.who.sent" : status === 429 ? "kiosk.who.often" : "kiosk.away"));
    if (status === 202) setTimeout(closeWho, CLOSE_MS);
  }
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(field.value);
  });
  document.getElementById("who-close").addEventListener("click", closeWho);
  document.getElementById("who-open").addEventListener("click", openWho);
  listenToScanner((code) => scanning() && submit(code));
  draw("digits");
}

export function openWho() {
  said.replaceChildren();
  field.value = "";
  draw("digits");
  dialog.showModal();
  field.focus();
}

/** Closes it and forgets what was typed. */
export function closeWho() {
  field.value = "";
  said.replaceChildren();
  if (dialog.open) dialog.close();
}

function draw(kind) {
  const letters = kind === "letters";
  const signs = letters ? [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ-"] : [..."1234567890-."];
  const other = key(both(word(letters ? "kiosk.who.digits" : "kiosk.who.letters")), () => draw(letters ? "digits" : "letters"));
  const erase = key(icon("erase"), () => { field.value = field.value.slice(0, -1); });
  erase.setAttribute("aria-label", Object.values(word("kiosk.who.erase")).join(" "));
  other.classList.add("wide");
  keys.replaceChildren(...signs.map((sign) => key(sign, () => { field.value += sign; })), other, erase);
}

function key(label, press) {
  const made = element("button", "button", label);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

/** A scanner is a keyboard that types a whole code at once and ends with Enter. */
function listenToScanner(take) {
  let typed = "", last = 0;
  document.addEventListener("keydown", (event) => {
    if (dialog.open) return;
    if (event.timeStamp - last > SCANNER_MS) typed = "";
    last = event.timeStamp;
    if (event.key === "Enter" && typed.length >= 3) {
      event.preventDefault();
      take(typed);
      typed = "";
    } else if (event.key.length === 1) typed += event.key;
  }, true);
}
