// The one module of every page: each behaviour is its own file and works by event delegation, so what htmx brings in later
// needs no wiring. None of them keeps anything that the server owns.
import "./trusted.js";
import "./htmx.js";
import "./again.js";
import "./copy.js";
import "./dismiss.js";
import "./find.js";
import "./guard.js";
import "./menu.js";
import "./news.js";
import "./queue-keys.js";
import "./typeahead.js";
