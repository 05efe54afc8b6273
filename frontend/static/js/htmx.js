// Two habits for htmx: every changing request carries the CSRF token, and a background request that fails stays quiet.
document.addEventListener("htmx:configRequest", (event) => {
  const meta = document.querySelector('meta[name="csrf"]');
  if (meta && event.detail.verb !== "get") event.detail.headers[meta.dataset.header] = meta.content;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const quiet = event.detail.requestConfig?.elt?.closest?.("[data-quiet]");
  if (quiet && event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
});

// No answer at all: the page says so itself, for the server cannot.
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt?.closest?.("[data-quiet]")) return;
  const notices = document.getElementById("notices");
  if (!notices) return;
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.dataset.kind = "fails";
  const words = document.createElement("p");
  words.textContent = "The server did not answer. Nothing was changed; what you typed is still here. Try again in a moment.";
  notice.append(words);
  notices.replaceChildren(notice);
});
