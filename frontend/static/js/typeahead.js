// Makes the plain input of a typeahead live, after the combobox pattern of the ARIA practices: options come as HTML from the
// address in data-options, arrows choose, Enter takes, Escape leaves what was typed.
const list = (input) => input.parentElement.querySelector(".typeahead-list");
const options = (input) => [...list(input).querySelectorAll('[role=option]:not([aria-disabled])')];
const chosen = (input) => options(input).find((option) => option.getAttribute("aria-selected") === "true");
const waiting = new WeakMap();

function mark(input, next) {
  options(input).forEach((option) => option.setAttribute("aria-selected", String(option === next)));
  input.setAttribute("aria-activedescendant", next.id);
}

function wire(input) {
  if (input.getAttribute("role") === "combobox") return;
  const box = list(input);
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", input.labels?.[0]?.textContent ?? "Suggestions");
  box.hidden = true;
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-autocomplete", "list"], ["aria-controls", box.id]]) {
    input.setAttribute(name, value);
  }
}

function show(input, open) {
  list(input).hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (!open) input.removeAttribute("aria-activedescendant");
}

async function ask(input) {
  waiting.get(input)?.abort();
  const abort = new AbortController();
  waiting.set(input, abort);
  const address = new URL(input.dataset.options, location.href);
  address.searchParams.set("q", input.value);
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: abort.signal });
    if (!answer.ok) return show(input, false);
    const kept = chosen(input)?.dataset.value;
    list(input).innerHTML = await answer.text();
    const again = kept && options(input).find((option) => option.dataset.value === kept);
    again ? mark(input, again) : input.removeAttribute("aria-activedescendant");
    show(input, document.activeElement === input);
  } catch {
    // A newer question took this one's place, or the network is gone: the plain input still works.
  }
}

function choose(input, option) {
  clearTimeout(timers.get(input));
  waiting.get(input)?.abort();
  input.value = option.dataset.value;
  show(input, false);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function point(input, step) {
  const all = options(input);
  if (!all.length) return;
  const at = all.indexOf(chosen(input));
  const next = all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length];
  mark(input, next);
  next.scrollIntoView({ block: "nearest" });
}

const of = (event) => event.target.closest?.("[data-typeahead] input[data-options]");
const timers = new WeakMap();

document.addEventListener("focusin", (event) => {
  const input = of(event);
  if (!input) return;
  wire(input);
  ask(input);
});
document.addEventListener("focusout", (event) => {
  const input = of(event);
  if (input) show(input, false);
});
document.addEventListener("input", (event) => {
  const input = of(event);
  if (!input) return;
  clearTimeout(timers.get(input));
  timers.set(input, setTimeout(() => ask(input), 120));
});
document.addEventListener("keydown", (event) => {
  const input = of(event);
  if (!input) return;
  const open = !list(input).hidden;
  const option = chosen(input);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (open) point(input, event.key === "ArrowDown" ? 1 : -1);
    else ask(input);
  } else if (event.key === "Enter" && open && option) {
    event.preventDefault();
    choose(input, option);
  } else if (event.key === "Escape" && open) {
    event.stopPropagation();
    show(input, false);
  }
});
// mousedown, not click: the input must not lose its focus first.
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("[data-typeahead] [role=option]");
  if (!option) return;
  event.preventDefault();
  const input = option.closest("[data-typeahead]").querySelector("input[data-options]");
  if (!option.hasAttribute("aria-disabled")) choose(input, option);
});
