// Takes every address out of package-lock.json. npm itself leaves out where a package came from
// (.npmrc), but still writes the addresses where its authors ask for money.
import { readFileSync, writeFileSync } from "node:fs";

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.funding;
  delete entry.resolved;
}
const text = JSON.stringify(lock, null, 2) + "\n";
if (text.includes("http")) throw new Error("package-lock.json still contains an address");
writeFileSync("package-lock.json", text);
