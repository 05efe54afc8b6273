// htmx parses answers of our own server as HTML; this policy allows exactly that. There is no createScript and no
// createScriptURL: under require-trusted-types-for 'script' nothing can turn text into code.
if (window.trustedTypes?.createPolicy) {
  window.trustedTypes.createPolicy("default", { createHTML: (html) => html });
}
