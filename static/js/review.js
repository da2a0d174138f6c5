// Deciding with the keyboard: single keys lead into the list of answers, and in it they move, accept, return and
// comment. They can be turned off, as who speaks to a computer may press them unknowingly (WCAG 2.1.4). Without this
// script the same buttons and forms do it.
(() => {
  "use strict";
  const list = document.getElementById("list");
  if (!list) return;
  const rows = [...list.tBodies[0].rows];
  const keys = document.getElementById("keys");
  const told = document.getElementById("told");
  const STORED = "rsp-review-keys";
  let going = false; // a decision is on its way: one key decides once
  let off = false;
  let asked = null; // where the focus was when the help was asked for

  // One row at a time is reached by Tab; it is where one was last.
  const current = (row) => { for (const each of rows) each.tabIndex = each === row ? 0 : -1; };
  const go = (row) => {
    if (!row) return;
    told.textContent = "";
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
  const help = (from) => {
    if (keys.open) {
      keys.open = false;
      (asked && asked.isConnected ? asked : keys.querySelector("summary")).focus();
      asked = null;
      return;
    }
    asked = from === document.body ? null : from;
    keys.open = true;
    keys.querySelector("summary").focus();
  };
  // What a key does with the answer that has the focus.
  const acts = {
    j: (row) => go(rows[rows.indexOf(row) + 1]),
    k: (row) => go(rows[rows.indexOf(row) - 1]),
    a: (row) => {
      const button = row.querySelector("button[name=accept]");
      told.textContent = button ? "" : "Nothing to accept here: it is decided already, or a colleague decides on it.";
      if (!button || going) return;
      going = true;
      button.click();
    },
    r: (row) => {
      const link = row.querySelector("a.back");
      if (!open(row, "back") && link) link.click();
    },
    c: (row) => open(row, "comments"),
  };
  acts.ArrowDown = acts.j;
  acts.ArrowUp = acts.k;
  // Where no answer has the focus a key decides nothing: it leads to the one where one was.
  const enter = () => go(rows.find((row) => row.tabIndex === 0));
  const outside = { j: enter, k: enter };

  const turn = (to) => {
    off = to;
    for (const each of keys.querySelectorAll(".on")) each.hidden = off;
    for (const each of keys.querySelectorAll(".off")) each.hidden = !off;
  };
  const remembered = () => { try { return localStorage.getItem(STORED) === "off"; } catch { return false; } };
  const remember = () => { try { localStorage.setItem(STORED, off ? "off" : "on"); } catch { /* for this page alone */ } };

  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (!at.matches("body, main, #list, #list *, #keys, #keys *")) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const row = at.closest("#list tbody > tr");
    const typing = at.closest("textarea, select, input");
    if (event.key === "Escape" && at.closest("#keys") && keys.open) help(at);
    else if (event.key === "Escape" && typing && row) go(row);
    const single = event.key.length === 1;
    if (typing || single && off || event.repeat && event.key === "a") return;
    const key = single ? event.key.toLowerCase() : event.key;
    if (key === "?") {
      event.preventDefault();
      help(at);
      return;
    }
    const act = (row ? acts : outside)[key];
    if (!act) return;
    event.preventDefault();
    act(row);
  });
  list.addEventListener("focusin", (event) => {
    const row = event.target.closest("tbody > tr");
    if (row) current(row);
  });
  keys.querySelector("button").addEventListener("click", () => { turn(!off); remember(); });
  window.addEventListener("pageshow", () => { going = false; });
  turn(remembered());
  keys.hidden = false;
  current(rows[0]);
  const target = location.hash && rows.find((row) => `#${row.id}` === location.hash);
  if (target) go(target);
})();
