// Parts of a page marked data-news="42" (a request's number, or "any") learn by the event `news` that something about that
// request was recorded, and fetch themselves again. One tab of the browser holds the stream and tells the others, so that many
// open tabs never use up the browser's connections. Without all this the same parts ask now and then.
const marked = () => [...document.querySelectorAll("[data-news]")];

function tell(numbers) {
  for (const part of marked()) {
    const wanted = part.dataset.news;
    if (numbers.includes("*") || numbers.includes(wanted) || wanted === "any") part.dispatchEvent(new CustomEvent("news"));
  }
}

if (marked().length && window.EventSource && window.BroadcastChannel && navigator.locks) {
  const tabs = new BroadcastChannel("countersign-news");
  tabs.addEventListener("message", (message) => tell(message.data));
  navigator.locks.request("countersign-news", () => new Promise((release) => {
    const stream = new EventSource("/news");
    stream.addEventListener("request", (event) => {
      const numbers = event.data.split(" ");
      tell(numbers);
      tabs.postMessage(numbers);
    });
    // Refused for good (signed out, no place left): another tab may try.
    stream.addEventListener("error", () => stream.readyState === EventSource.CLOSED && release());
  }));
}
