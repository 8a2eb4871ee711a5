// The filter bar: lane, book and kind with what waits in each; choosing one opens that queue.

import { get, withQuery } from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../words.js";

const LANES = ["doubt", "sample", "second", "arbitration", "senior"];
const EVERY_MS = 30e3;

/** Selects for the filter; `onwaiting` gets the counts each time they are asked for. */
export class Filters {
  constructor(element, filter, order, onwaiting) {
    this.element = element;
    this.filter = filter;
    this.path = order === "record" ? "/review/record" : location.pathname;
    this.onwaiting = onwaiting;
    this.#draw({});
    this.refresh();
    setInterval(() => { if (!document.hidden) this.refresh(); }, EVERY_MS);
  }

  /** Ask what waits, and show it. */
  async refresh() {
    const { lane } = this.filter;
    const [all, own] = await Promise.all([
      get(withQuery("/api/queue/waiting", { lane })),
      get(withQuery("/api/queue/waiting", this.filter)),
    ]).catch(() => [null, null]);
    if (!all) return;
    if (!this.element.contains(document.activeElement)) this.#draw(all);
    this.onwaiting?.(own);
  }

  #draw(counts) {
    const kinds = { ...counts.by_kind };
    const books = { ...counts.by_book };
    if (this.filter.kind) kinds[this.filter.kind] ??= 0;
    if (this.filter.book) books[this.filter.book] ??= 0;
    fill(this.element,
      this.#select("lane", LANES.map((lane) => [lane, t(`lane.${lane}`)])),
      this.#select("kind", [["", `${t("any")} · ${counts.total ?? ""}`], ...entries(kinds, (kind) => t(`kind.${kind}`))]),
      this.#select("book", [["", t("book")], ...entries(books, (book) => book)]));
  }

  #select(name, options) {
    const select = h("select", { "aria-label": name, id: `filter-${name}` }, options.map(([value, label]) =>
      h("option", { value, selected: value === this.filter[name] }, label)));
    select.addEventListener("change", () => {
      location.href = withQuery(this.path, { ...this.filter, [name]: select.value });
    });
    return select;
  }
}

function entries(counts, name) {
  return Object.entries(counts).sort((a, b) => b[1] - a[1]).map(([key, count]) => [key, `${name(key)} · ${count}`]);
}
