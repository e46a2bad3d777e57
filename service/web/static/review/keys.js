// The keyboard of the review. A key never acts while somebody types, and never together with Ctrl, Alt or Meta.

export function onKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const action = actions[event.key];
    if (action && action(event) !== false) event.preventDefault();
  });
}

export function helpDialog() {
  const dialog = document.querySelector("dialog.keys");
  const open = () => dialog.showModal();
  document.querySelector(".help-open")?.addEventListener("click", open);
  return open;
}

// Walks over elements one by one; the current one is marked, and in view.
export function walker(elements, start = -1) {
  let here = start;
  const mark = (scroll = true) => {
    elements.forEach((element, i) => element.classList.toggle("is-here", i === here));
    if (scroll) elements[here]?.scrollIntoView({ block: "nearest" });
  };
  return {
    move(step) {
      if (!elements.length) return;
      here = Math.max(0, Math.min(elements.length - 1, here + step));
      mark();
    },
    set(element, scroll = true) { here = elements.indexOf(element); mark(scroll); },
    get current() { return elements[here]; },
  };
}
