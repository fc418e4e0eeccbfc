/** On a narrow screen one panel is shown at a time, chosen by tabs (ARIA Authoring Practices, "Tabs"). */

const NARROW = window.matchMedia("(max-width: 760px)");

export class Tabs {
  #tabs;
  #shown;

  constructor(list, shown) {
    this.#tabs = [...list.querySelectorAll("[role=tab]")];
    this.#shown = shown;
    for (const tab of this.#tabs) tab.addEventListener("click", () => this.show(tab.getAttribute("aria-controls")));
    list.addEventListener("keydown", (event) => this.#move(event));
    NARROW.addEventListener("change", () => this.show(this.#shown));
    this.show(shown);
  }

  get areInUse() {
    return NARROW.matches;
  }

  /** Brings the panel with this id to the front. On a wide screen all panels are side by side. */
  show(id) {
    this.#shown = id;
    for (const tab of this.#tabs) {
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      const chosen = panel.id === id;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      panel.classList.toggle("behind", !chosen);
      if (NARROW.matches) panel.setAttribute("role", "tabpanel");
      else panel.removeAttribute("role");
    }
  }

  #move(event) {
    const at = this.#tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const tab = this.#tabs.at(to % this.#tabs.length);
    tab.focus();
    tab.click();
  }
}
