// Ctrl+K or Cmd+K goes to the finder; on the finder's own page it goes to its field.
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const field = document.querySelector("[data-find-field]");
  const link = document.querySelector("a[data-find]");
  if (!field && !link) return;
  event.preventDefault();
  field ? field.focus() : link.click();
});
