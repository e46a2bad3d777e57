// Texts in both languages at once, and the icons: every element that the script adds is made here.
const held = new Map();
for (const word of document.getElementById("words").content.querySelectorAll("data")) {
  held.set(word.value, { zh: word.dataset.zh, en: word.dataset.en });
}

/** A text of the page's own by its code, with {count} filled in. */
export function word(code, count) {
  const { zh, en } = held.get(code);
  return count === undefined ? { zh, en } : { zh: zh.replace("{count}", count), en: en.replace("{count}", count) };
}

/** An element with a class and children; strings become text, never markup. */
export function element(name, kind = "", ...children) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function span(language, kind, words) {
  const made = element("span", kind, words);
  made.lang = language;
  return made;
}

/** A text {zh, en} as two spans, of which the page's style may hide one. */
export function both({ zh, en }) {
  const made = document.createDocumentFragment();
  made.append(span("zh-Hans", "zh", zh), " ", span("en", "en", en));
  return made;
}

/** Fills an element with a text {zh, en}. */
export function say(place, text) {
  place.replaceChildren(both(text));
}

const ICONS = document.body.dataset.icons;
const KNOWN = new Set([
  "pass", "fail", "unsure", "visitor", "badge", "head", "top", "bottom", "feet", "hands", "other", "step-back",
  "step-closer", "step-left", "step-right", "turn", "light", "wait", "still", "person", "again", "done", "card", "eye",
  "sound", "silent", "erase", "shield", "camera-starting", "camera-lost", "camera-frozen", "camera-black",
  "camera-covered", "camera-away",
]);

/** An icon of icons.svg; `instead` where there is none of this name. */
export function icon(name, kind = "icon", instead = "other") {
  const space = "http://www.w3.org/2000/svg";
  const drawn = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${ICONS}#${KNOWN.has(name) ? name : instead}`);
  drawn.setAttribute("class", kind);
  drawn.setAttribute("aria-hidden", "true");
  drawn.append(use);
  return drawn;
}
