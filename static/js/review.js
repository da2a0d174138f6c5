// Deciding with the keyboard: in the list of answers single keys move, accept, return and comment. Without this script
// the same buttons and forms do it.
(() => {
  "use strict";
  const list = document.getElementById("list");
  if (!list) return;
  const rows = [...list.tBodies[0].rows];
  const keys = document.getElementById("keys");
  let going = false; // a decision is on its way: one key decides once

  // One row at a time is reached by Tab; it is where one was last.
  const current = (row) => { for (const each of rows) each.tabIndex = each === row ? 0 : -1; };
  const go = (row) => {
    if (!row) return;
    current(row);
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const open = (row, kind) => {
    const found = row.querySelector(`details.${kind}`);
    if (!found) return false;
    found.open = true;
    found.querySelector("textarea").focus();
    return true;
  };
  const acts = {
    j: (row) => go(rows[rows.indexOf(row) + 1]),
    k: (row) => go(rows[rows.indexOf(row) - 1]),
    a: (row) => {
      const button = row.querySelector("button[name=accept]");
      if (!button || going) return;
      going = true;
      button.click();
    },
    r: (row) => {
      const link = row.querySelector("a.back");
      if (!open(row, "back") && link) link.click();
    },
    c: (row) => open(row, "comments"),
    "?": () => { keys.open = !keys.open; keys.querySelector("summary").focus(); },
  };
  acts.ArrowDown = acts.j;
  acts.ArrowUp = acts.k;

  list.addEventListener("keydown", (event) => {
    const row = event.target.closest("tbody > tr");
    if (!row || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const typing = event.target.closest("textarea, select, input");
    if (typing && event.key === "Escape") go(row);
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (typing || !act || event.repeat && event.key === "a") return;
    event.preventDefault();
    act(row);
  });
  list.addEventListener("focusin", (event) => {
    const row = event.target.closest("tbody > tr");
    if (row) current(row);
  });
  window.addEventListener("pageshow", () => { going = false; });
  keys.hidden = false;
  current(rows[0]);
  const target = location.hash && rows.find((row) => `#${row.id}` === location.hash);
  if (target) go(target);
})();
