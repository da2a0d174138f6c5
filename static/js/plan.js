// The form of a KPI shows the fields that what is counted needs, as soon as that is chosen. Without this script a button
// does it.
(() => {
  "use strict";
  const chosen = document.getElementById("id_counted_as");
  if (!chosen) return;
  const some = [...document.querySelectorAll("[data-for]")];
  const show = () => {
    for (const each of some) each.hidden = !each.dataset.for.split(" ").includes(chosen.value);
  };
  document.querySelector("button[name=choose]").hidden = true;
  chosen.addEventListener("change", show);
  show();
})();
