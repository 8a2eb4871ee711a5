// All books: filtered, put in the order of work, and put right.

import { ApiError, post } from "./api.js";
import { find, settled } from "./dom.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

const filter = document.querySelector("#filter");

/** Letters without marks and case: people search as they type. */
export function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

function sift() {
  const { text, type, year, state } = Object.fromEntries(new FormData(filter));
  const words = plain(text).split(/\s+/).filter(Boolean);
  for (const line of document.querySelectorAll("#order tbody tr")) {
    const own = line.dataset;
    const found = plain(own.text);
    line.hidden = (type && own.type !== type) || (year && own.year !== year) || (state && own.state !== state)
      || !words.every((word) => found.includes(word));
  }
}

async function say(book, action, body) {
  return post(`/api/order/${encodeURIComponent(book)}/${action}`, body);
}

if (filter) {
  filter.addEventListener("input", settled(sift, 120));
  filter.addEventListener("submit", (event) => { event.preventDefault(); sift(); });
  sift();
}
for (const select of document.querySelectorAll("#order .priority")) {
  let before = select.value;
  select.addEventListener("change", async () => {
    try {
      await say(select.closest("tr").dataset.book, "priority", { priority: Number(select.value) });
      before = select.value;
      toast(t("office.saved"), "ok");
    } catch (error) {
      select.value = before;
      toast(error.told ?? String(error), "error");
    }
  });
}

const dialog = document.querySelector("#change");
if (dialog) {
  let book = "";
  const fault = find("#change-fault");
  for (const button of document.querySelectorAll("#order .change")) {
    button.addEventListener("click", () => {
      const own = button.closest("tr").dataset;
      book = own.book;
      find("#change-book").textContent = book;
      const form = find("#rename").elements;
      [form.type.value, form.year.value, form.number.value] = [own.type, own.year, own.number];
      find("#remove").reset();
      find("#move").reset();
      fault.hidden = true;
      dialog.showModal();
    });
  }
  const bodies = {
    rename: ({ type, year, number }) => ({ type: type.value, year: Number(year.value), number: Number(number.value) }),
    move: ({ to }) => ({ to: to.value.trim() }),
    remove: () => ({}),
  };
  for (const [action, body] of Object.entries(bodies)) {
    find(`#${action}`).addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await say(book, action, body(event.target.elements));
        location.reload();
      } catch (error) {
        fault.textContent = error instanceof ApiError ? error.told : String(error);
        fault.hidden = false;
      }
    });
  }
  find("#change-close").addEventListener("click", () => dialog.close());
}
