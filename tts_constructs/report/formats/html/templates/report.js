"use strict";
// Without this script the page is plain and complete; with it, findings can be searched and filtered.
(() => {
  const filters = document.getElementById("filters");
  if (filters) {
    const search = document.getElementById("search");
    const selects = [...filters.querySelectorAll("select")];
    const shown = document.getElementById("shown");
    const groups = [...document.querySelectorAll(".group")].map((element) => ({
      element,
      count: element.querySelector(".count"),
      text: [...element.querySelectorAll("summary, dl")].map((part) => part.textContent).join(" ").toLowerCase(),
      rule: [element.dataset.rule],
      section: [element.dataset.section],
      control: element.dataset.controls.split(" "),
      items: [...element.querySelectorAll(".findings > li")].map((item) => ({
        element: item,
        text: item.textContent.toLowerCase(),
        result: item.dataset.result.split(" "),
        stack: [item.dataset.stack],
      })),
    }));
    const total = groups.reduce((sum, group) => sum + group.items.length, 0);

    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = selects.filter((select) => select.value).map((select) => [select.id, select.value]);
      let visible = 0;
      for (const group of groups) {
        let inGroup = 0;
        for (const item of group.items) {
          const fits =
            chosen.every(([key, value]) => (item[key] || group[key]).includes(value)) &&
            words.every((word) => item.text.includes(word) || group.text.includes(word));
          item.element.hidden = !fits;
          if (fits) inGroup += 1;
        }
        group.element.hidden = inGroup === 0;
        group.count.textContent = inGroup;
        visible += inGroup;
      }
      const some = visible === total ? "" : `${visible} of `;
      shown.textContent = `${some}${total} findings.${visible ? "" : " Nothing fits; “Show all” starts again."}`;
    };

    let waiting;
    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(apply, 120);
    };
    const reset = () => {
      search.value = "";
      for (const select of selects) select.value = "";
    };
    search.addEventListener("input", soon);
    for (const select of selects) select.addEventListener("change", apply);
    document.getElementById("reset").addEventListener("click", () => {
      reset();
      apply();
      search.focus();
    });
    for (const link of document.querySelectorAll("[data-filter]")) {
      link.addEventListener("click", () => {
        reset();
        document.getElementById(link.dataset.filter).value = link.dataset.value;
        apply();
      });
    }
    filters.hidden = false;
    apply(); // a browser that goes back restores what was chosen
  }

  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
