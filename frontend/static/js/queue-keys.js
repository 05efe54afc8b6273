// Keys for a table marked data-keys. j and k move over its rows; a, r, c press the row's own control marked data-key with
// that letter; x ticks the row; Enter or o follows its first link; ? opens the list of keys. On a single request's page the
// same letters press the page's own marked controls. Every control is there to be clicked without any of this.
const typing = (element) => element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const table = () => document.querySelector("table[data-keys]");
const rows = () => [...(table()?.tBodies[0]?.rows ?? [])].filter((row) => row.id);
const current = () => rows().find((row) => row.getAttribute("aria-selected") === "true");

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
  all.forEach((row) => row.setAttribute("aria-selected", String(row === next)));
  (next.querySelector("a, button") ?? next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function press(letter) {
  const scope = table() ? current() : document;
  const control = scope?.querySelector(`[data-key="${letter}"]`);
  if (!control || control.disabled) return false;
  control.click();
  return true;
}

function help() {
  const dialog = document.getElementById("key-help");
  if (dialog?.showModal) dialog.open ? dialog.close() : dialog.showModal();
  return Boolean(dialog);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]") && event.key !== "?") return;
  let handled = true;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "o") current()?.querySelector("a")?.click();
  else if (event.key === "x") current()?.querySelector("input[type=checkbox]")?.click();
  else if (event.key === "?") handled = help();
  else if (["a", "r", "c"].includes(event.key)) handled = press(event.key);
  else handled = false;
  if (handled) event.preventDefault();
});
