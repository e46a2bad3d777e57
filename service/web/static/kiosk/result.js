// The verdict: what is wrong and what to do, what can't be seen and how to show it, and how much is right.
import { both, element, icon, say, word } from "./text.js";

const PARTS = ["badge", "head", "top", "bottom", "feet", "hands"];
const NAMELESS = "action.name-wearer";
const lists = document.getElementById("lists");
const view = document.getElementById("result");
let shown = null;
let room = 0;

// A picture or a font that comes late, or a screen that is turned, leaves more room or less: the cards are chosen anew.
new ResizeObserver(() => {
  if (shown && lists.clientHeight !== room) fit(shown);
}).observe(lists);

/** Shows a result; `address` gives the address of the QR picture for a reply code, or is null. */
export function showResult(result, address) {
  const sorted = sort(result.findings);
  headline(result, sorted);
  view.classList.toggle("good", !sorted.fails.length && !sorted.shows.length && !sorted.nameless);
  fillFine(sorted);
  showReply(document.getElementById("reply"), result, address);
  shown = sorted;
  fit(sorted);
  return sorted;
}

/** Forgets it: nothing of the person stays in the page. */
export function forgetResult() {
  for (const id of ["headline", "subline", "verdict-icon", "lists", "fine", "reply", "done-reply", "done-icon"]) {
    document.getElementById(id).replaceChildren();
  }
  view.classList.remove("good");
  shown = null;
}

/** By what is to be done: fails with those that follow from them, what to show (one card for one action), the rest. */
function sort(findings) {
  const failed = findings.filter((f) => f.outcome === "fail");
  const ids = new Set(failed.map((f) => f.clause));
  const unsure = findings.filter((f) => f.outcome === "unsure");
  const seen = unsure.filter((f) => f.action?.code !== NAMELESS);
  return {
    fails: failed.filter((f) => !ids.has(f.because_of)).map((f) => ({ ...f, more: follow(failed, f.clause) })),
    shows: merge(seen),
    nameless: unsure.length - seen.length,
    fine: findings.filter((f) => f.outcome === "pass"),
    review: findings.filter((f) => f.outcome === "review").length,
  };
}

function follow(failed, clause) {
  const below = failed.filter((f) => f.because_of === clause && f.clause !== clause);
  return below.length + below.reduce((sum, f) => sum + follow(failed.filter((o) => o !== f), f.clause), 0);
}

/** Clauses that the same action would show are one card. */
function merge(findings) {
  const cards = new Map();
  for (const finding of findings) {
    const key = finding.action ? finding.action.en : finding.reason.en;
    if (cards.has(key)) cards.get(key).count += 1;
    else cards.set(key, { ...finding, count: 1 });
  }
  return [...cards.values()].sort((a, b) => b.count - a.count);
}

function headline(result, sorted) {
  const known = { fail: "fail", unsure: "unsure", pass: "pass", "not-applicable": "visitor" };
  const tone = known[result.outcome] ?? "unsure";
  const said = tone === "unsure" && !result.findings.length ? "error" : tone;
  const count = sorted.fails.length;
  document.body.dataset.tone = tone;
  view.className = `view tone-${tone === "visitor" ? "pass" : tone}`;
  document.getElementById("verdict-icon").replaceChildren(icon(tone));
  const title = tone === "fail" ? word(count === 1 ? "kiosk.result.fail-one" : "kiosk.result.fail", count) : word(`kiosk.result.${said}`);
  say(document.getElementById("headline"), title);
  say(document.getElementById("subline"), word(`kiosk.result.${said}-sub`));
  const done = document.getElementById("done-icon");
  done.className = view.className.replace("view ", "");
  done.replaceChildren(icon(tone));
}

/** As much as fits without scrolling, in the largest way that fits; what is wrong goes first. */
function fit(sorted) {
  room = lists.clientHeight;
  const all = sorted.fails.length + sorted.shows.length;
  const fewer = Array.from({ length: all }, (_, gone) => ["briefer", all - gone]);
  for (const [density, most] of [["", all], ["brief", all], ...fewer]) {
    lists.className = density;
    lists.replaceChildren(...groups(sorted, most));
    if (lists.scrollHeight <= lists.clientHeight + 1) return;
  }
}

/** At most so many cards: of what can't be seen, two may stay where more is wrong than fits. */
function groups(sorted, most) {
  const shows = sorted.shows.slice(0, Math.max(Math.min(2, most - 1), most - sorted.fails.length));
  const fails = sorted.fails.slice(0, most - shows.length);
  const hint = sorted.nameless && fails.length + shows.length === sorted.fails.length + sorted.shows.length;
  const made = [];
  if (fails.length) {
    const cards = fails.map((f) => card(f, "fail", f.more ? word("kiosk.follows", f.more) : null));
    made.push(group("fail", "kiosk.group.fix", cards, sorted.fails.length - fails.length));
  }
  if (shows.length || hint) {
    const cards = shows.map((f) => card(f, "unsure", f.count > 1 ? word("kiosk.affects", f.count) : null));
    if (hint) cards.push(whoCard(sorted.nameless));
    made.push(group("unsure", "kiosk.group.show", cards, sorted.shows.length - shows.length));
  }
  return made;
}

function group(tone, code, cards, left) {
  const more = left > 0 ? element("span", "more", both(word("kiosk.more", left))) : null;
  const head = element("h3", "", icon(tone), element("span", "", both(word(code))), more);
  return element("section", `group tone-${tone}`, head, element("div", "group cards", ...cards));
}

function card(finding, tone, more) {
  const tile = element("div", "tile", icon(finding.pictogram), icon(tone, "mark"));
  tile.title = word(`kiosk.outcome.${tone}`).en;
  const title = capital(finding.action ?? finding.title);
  const why = finding.action ? capital(finding.reason) : null;
  const text = element("div", "", element("p", "do", both(title)));
  if (why) text.append(element("p", "why", both(more ? joined(why, more) : why)));
  else if (more) text.append(element("p", "why", both(capital(more))));
  const made = element("article", "card", tile, text);
  made.dataset.clause = finding.clause;
  return made;
}

function whoCard(count) {
  const text = element("div", "", element("p", "do", both(word("kiosk.who-hint", count))));
  return element("article", "card who", element("div", "tile", icon("card")), text);
}

function joined(one, two) {
  return { zh: `${one.zh}；${two.zh}`, en: `${one.en}; ${two.en}` };
}

function capital({ zh, en }) {
  return { zh, en: en.charAt(0).toUpperCase() + en.slice(1) };
}

function fillFine({ fine, review }) {
  const place = document.getElementById("fine");
  place.replaceChildren();
  if (fine.length) {
    const title = word("kiosk.group.fine");
    const counted = { zh: `${title.zh} ${fine.length}`, en: `${fine.length} ${title.en.toLowerCase()}` };
    place.append(element("p", "", icon("pass"), element("span", "", both(counted))));
    const items = PARTS.map((part) => [part, fine.filter((f) => f.pictogram === part).length]).filter(([, n]) => n);
    place.append(element("ul", "", ...items.map(([part, n]) => element("li", "", icon(part), String(n)))));
  }
  if (review) {
    const title = word("kiosk.group.review");
    const counted = { zh: `${title.zh} ${review}`, en: `${title.en} ${review}` };
    place.append(element("p", "review", icon("eye"), element("span", "", both(counted))));
  }
}

/** The way to one's own record: a QR code, and the code by itself; `address` is null where no phone reaches the pages.
 * It is drawn once for each code: verdicts are told anew with every look. */
export function showReply(place, { reply_code: code }, address) {
  place.hidden = !code;
  const grouped = code?.match(/.{1,4}/g).join("-");
  if (code && place.querySelector("b")?.textContent === grouped) return;
  place.replaceChildren();
  if (!code) return;
  const title = both(word(address ? "kiosk.reply.title" : "kiosk.reply.desk"));
  place.append(element("div", "", title, element("b", "reply-code", grouped)));
  if (address) place.prepend(qrPicture(address(code)));
}

function qrPicture(source) {
  const picture = element("img");
  picture.alt = "";
  picture.addEventListener("error", () => picture.remove());
  picture.src = source;
  return picture;
}
