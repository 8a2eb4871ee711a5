import "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { bookYear, typedDate } from "../../review_ui/static/js/dates.js";

const TYPED = {
  "12051985": "12.05.1985", "12/5/1985": "12.05.1985", "12.5.1985": "12.05.1985", "12-05-1985": "12.05.1985",
  " 12  5 1985 ": "12.05.1985", "12,5,1985": "12.05.1985", "12\\5\\1985": "12.05.1985",
  "5/1985": "05.1985", "051985": "05.1985", "1985": "1985", "29/2/2000": "29.02.2000", "31/12/1800": "31.12.1800",
};

const NO_DATES = [
  "", "12", "12/5", "5/85", "31/4/1985", "29/2/1900", "29/2/1985", "0/5/1985", "12/13/1985", "32/1/1985", "1/1/1799",
  "1/1/2100", "1985/5/12", "1/2/3/1985", "12/5/198", "mai", "12 tháng 5", "12051985a",
];

for (const [text, cell] of Object.entries(TYPED)) {
  test(`${JSON.stringify(text)} is the cell ${cell}`, () => assert.equal(typedDate(text, 2017), cell));
}

for (const text of NO_DATES) {
  test(`${JSON.stringify(text)} is no date`, () => assert.equal(typedDate(text, 2017), ""));
}

test("a year of two digits lies at most three years after the book was opened", () => {
  assert.equal(typedDate("120520", 2017), "12.05.2020");
  assert.equal(typedDate("120521", 2017), "12.05.1921");
  assert.equal(typedDate("12/5/85", 2017), "12.05.1985");
  assert.equal(typedDate("1/1/03", 1999), "01.01.1903");
});

test("without a book, a year of two digits is none that lies in the future", () => {
  const two = String(new Date().getFullYear() % 100).padStart(2, "0");
  assert.equal(typedDate(`1/1/${two}`), `01.01.${new Date().getFullYear()}`);
  const next = (new Date().getFullYear() + 1) % 100;
  assert.equal(typedDate(`1/1/${String(next).padStart(2, "0")}`), `01.01.${new Date().getFullYear() + 1 - 100}`);
});

test("what a cell shows is read as the same cell", () => {
  for (const cell of Object.values(TYPED)) assert.equal(typedDate(cell, 2017), cell);
});

test("the year of a book stands in its id", () => {
  assert.equal(bookYear("xa_h_t.KS.2017.01"), 2017);
  assert.equal(bookYear("xa_h_t.KS"), 0);
  assert.equal(bookYear(undefined), 0);
});
