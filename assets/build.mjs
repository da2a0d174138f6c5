// Compiles scss/rsp.scss to static/css/rsp.css, gathers the icons into static/img/icons.svg and copies htmx.
// The results are committed, so the site runs on a machine without npm.
// "npm run check" builds again and fails if the committed files are not what comes out.
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { compile } from "sass";

const CSS = "../static/css/rsp.css";
const HTMX = "../static/js/htmx.min.js";
const SPRITE = "../static/img/icons.svg";
const CSS_LIMIT = 12_000;

// Our name for an icon -> its name in bootstrap-icons. A status is drawn by the icon of its code.
const ICONS = {
  reached: "check-lg",
  on_track: "arrow-right",
  at_risk: "exclamation-triangle-fill",
  off_track: "arrow-down",
  achieved: "check-all",
  not_achieved: "x-lg",
  no_data: "dash-circle-dotted",
  not_begun: "clock",
  search: "search",
  download: "download",
  evidence: "paperclip",
  locked: "lock-fill",
  person: "person-fill",
  info: "info-circle-fill",
  previous: "chevron-left",
  next: "chevron-right",
  sort_up: "caret-up-fill",
  sort_down: "caret-down-fill",
};

function stylesheet() {
  const { css } = compile("scss/rsp.scss", {
    style: "compressed",
    loadPaths: ["node_modules"],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions"],
  });
  // A strict content security policy refuses images that stand inside the style sheet.
  if (/url\(|sourceMappingURL/.test(css)) throw new Error("the style sheet asks for another file");
  const size = brotliCompressSync(css).length;
  if (size > CSS_LIMIT) throw new Error(`the style sheet has ${size} bytes compressed, more than ${CSS_LIMIT}`);
  console.log(`${CSS}: ${css.length} bytes, ${size} compressed`);
  return css.trimEnd() + "\n";
}

function sprite() {
  const symbols = Object.entries(ICONS).map(([id, source]) => {
    const svg = readFileSync(`node_modules/bootstrap-icons/icons/${source}.svg`, "utf8");
    const body = svg.replace(/^[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${id}" viewBox="0 0 16 16">${body}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

const check = process.argv.includes("--check");
mkdirSync("../static/css", { recursive: true });
mkdirSync("../static/img", { recursive: true });
const htmx = readFileSync("node_modules/htmx.org/dist/htmx.min.js", "utf8");
for (const [path, text] of [[CSS, stylesheet()], [SPRITE, sprite()], [HTMX, htmx]]) {
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) throw new Error(`${path} is not what its source gives: npm run build`);
}
