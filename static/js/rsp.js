// A form that saves itself: says what it is doing, tries again when the line is down, and warns before text is lost.
// Without this script a button saves.
(() => {
  "use strict";
  const RETRY = 10000;
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const status = document.getElementById("saved");
  let typed = "unsaved" in form.dataset ? 1 : 0; // counts what was typed
  let kept = 0; // what had been typed when the last draft was kept
  let sent = 0;
  let busy = false;
  let pressed = null; // the button that waits for a draft on its way
  let going = false; // the page is being left by a button of the form

  const say = (text) => { if (status) status.textContent = text; };
  const unsaved = () => typed > kept;
  // Signing in in another window changes the token that proves where a form comes from.
  const renew = () => {
    const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (found) form.elements.csrfmiddlewaretoken.value = found[1];
  };

  form.addEventListener("input", () => { typed += 1; say("Not saved yet."); });
  document.body.addEventListener("htmx:configRequest", (event) => {
    renew();
    event.detail.parameters.csrfmiddlewaretoken = form.elements.csrfmiddlewaretoken.value;
  });
  document.body.addEventListener("htmx:beforeRequest", () => { busy = true; sent = typed; say("Saving."); });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.getResponseHeader("X-Draft")) return;
    event.detail.shouldSwap = false;
    say("Not saved: you are signed out. Sign in in another window, come back here, and press “Save draft”.");
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    busy = false;
    const answer = event.detail.xhr && event.detail.xhr.getResponseHeader("X-Draft");
    if (answer === "saved") kept = sent;
    if (answer === "saved" && unsaved()) say("Not saved yet."); // something was typed meanwhile
    const button = pressed;
    pressed = null;
    if (button) form.requestSubmit(button);
  });
  for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.body.addEventListener(failed, (event) => {
      if (event.detail.xhr && event.detail.xhr.getResponseHeader("X-Draft")) return;
      say("Not saved yet: no connection. It is tried again by itself.");
      setTimeout(() => { if (unsaved()) window.htmx.trigger(form, "retry"); }, RETRY);
    });
  }
  // A draft on its way changes what the form goes on with, so a button waits for its answer.
  form.addEventListener("submit", (event) => {
    if (busy) {
      event.preventDefault();
      pressed = event.submitter || form.querySelector("button");
      return;
    }
    renew();
    going = true;
    say("Saving.");
  });
  // The button's own way is no loss; who leaves while its answer is still to come would lose what was typed.
  window.addEventListener("beforeunload", (event) => {
    if (unsaved() && !going) event.preventDefault();
    going = false;
  });
})();
