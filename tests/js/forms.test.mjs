import assert from "node:assert/strict";
import { test } from "node:test";
import { likeliest } from "../../review_ui/static/js/page/forms.js";

const FORMS = [{ id: "KS-1998" }, { id: "KS-2006" }, { id: "KS-2016" }];

test("the likeliest form of the register is chosen, not one of another register", () => {
  assert.equal(likeliest(["KT-2016", "KS-2006", "KS-2016"], FORMS).id, "KS-2006");
});

test("an only form is chosen; where nothing speaks for one, a person chooses", () => {
  assert.equal(likeliest([], [{ id: "NN-2014" }]).id, "NN-2014");
  assert.equal(likeliest(["KT-2016"], FORMS), null);
  assert.equal(likeliest(["KS-2016"], []), null);
});
