import "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { typedDate } from "../../review_ui/static/js/dates.js";

const YEARS = { first: 1800, last: 2099, newest: 2020 };

const TYPED = {
  "12051985": "12.05.1985", "12/5/1985": "12.05.1985", "12.5.1985": "12.05.1985", "12-05-1985": "12.05.1985",
  " 12  5 1985 ": "12.05.1985", "12,5,1985": "12.05.1985", "12\\5\\1985": "12.05.1985",
  "5/1985": "05.1985", "051985": "05.1985", "1985": "1985", "29/2/2000": "29.02.2000", "31/12/1800": "31.12.1800",
  "1985/5/12": "12.05.1985", "0/5/1985": "05.1985", "00.00.1985": "1985",
};

const NO_DATES = [
  "", "12", "12/5", "5/85", "31/4/1985", "29/2/1900", "29/2/1985", "12/13/1985", "32/1/1985", "1/1/1799",
  "1/1/2100", "1/2/3/1985", "12/5/198", 
];

for (const [text, cell] of Object.entries(TYPED)) {
  test(`${JSON.stringify(text)} is the cell ${cell}`, () => assert.equal(typedDate(text, YEARS), cell));
}

for (const text of NO_DATES) {
  test(`${JSON.stringify(text)} is no date`, () => assert.equal(typedDate(text, YEARS), ""));
}

for (const text of ["mai", "12 tháng 5", "12051985a", "12/V/1985", "…/5/1985", "../5/1985", "-/5/1985"]) {
  test(`${JSON.stringify(text)} is for the server to tell`, () => assert.equal(typedDate(text, YEARS), null));
}

test("two digits are the newest year that the book can speak of", () => {
  assert.equal(typedDate("120520", YEARS), "12.05.2020");
  assert.equal(typedDate("120521", YEARS), "12.05.1921");
  assert.equal(typedDate("12/5/85", YEARS), "12.05.1985");
  assert.equal(typedDate("1/1/03", { ...YEARS, newest: 2002 }), "01.01.1903");
  assert.equal(typedDate("12/5/89", { ...YEARS, newest: 1988 }), "12.05.1889");
});

test("what a cell shows is read as the same cell", () => {
  for (const cell of Object.values(TYPED)) assert.equal(typedDate(cell, YEARS), cell);
});
