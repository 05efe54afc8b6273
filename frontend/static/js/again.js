// A part of a page that fetches itself ([data-quiet] on the part) and was refused for a moment, or got no answer, asks again: after
// what Retry-After says, each time later, and not all parts at once. After six times it stays as it was. Nothing that a person
// pressed is ever sent again by this.
const TIMES = 6;
const MOMENT = [429, 502, 503, 504];
const refused = new WeakMap();

function again(event) {
  const { elt, requestConfig, xhr } = event.detail;
  if (!elt?.matches?.("[data-quiet]") || xhr.status !== 0 && !MOMENT.includes(xhr.status)) return;
  const times = (refused.get(elt)?.times ?? 0) + 1;
  if (times > TIMES) return;
  const seconds = Math.min(Number(xhr.getResponseHeader("Retry-After")) || 2, 60) * times;
  const timer = setTimeout(() => {
    if (elt.isConnected) htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt });
  }, seconds * 1000 * (1 + Math.random() / 2));
  refused.set(elt, { times, timer });
}

document.addEventListener("htmx:responseError", again);
document.addEventListener("htmx:sendError", again);

// Whatever makes it ask earlier: once is enough.
document.addEventListener("htmx:beforeRequest", (event) => clearTimeout(refused.get(event.detail.elt)?.timer));
document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && refused.delete(event.detail.elt));
