// Puts a notice away. Without script it goes with the next page.
const reveal = () => document.querySelectorAll("[data-dismiss][hidden]").forEach((button) => (button.hidden = false));
reveal();
document.addEventListener("htmx:load", reveal);
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".notice")?.remove());
