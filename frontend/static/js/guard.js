// A form marked data-guard that was changed and not sent asks the browser to ask before the page is left. And a button that
// was pressed once does not fire twice: the form's second submission within a page is held back.
let dirty = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-guard]")) dirty = true;
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  dirty = false;
  if (form.method !== "post" || form.closest("[hx-post], [hx-put], [hx-delete]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "true";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});
