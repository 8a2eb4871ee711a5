// The field screen: puts its parts together for the filter and order that the page came with.

import { find, whenIdle } from "../dom.js";
import { Outbox } from "../outbox.js";
import { SaveState } from "../savestate.js";
import { Supply } from "../supply.js";
import { Filters } from "./filters.js";
import { FieldScreen } from "./screen.js";

const root = find("#screen");
const filter = { book: "", type: "", kind: "", rule: "", lane: "doubt", ...JSON.parse(root.dataset.filter || "{}") };
for (const [name, value] of Object.entries(filter)) if (value === null) filter[name] = "";

const outbox = new Outbox(whenIdle, () => supply.coming);
const underway = (field) => [...outbox.waiting, ...outbox.inFlight].some((held) => held.decision.field === field);
const supply = new Supply(filter, root.dataset.order, underway);
new SaveState(find("#save-state"), outbox);
const screen = new FieldScreen({ supply, outbox, filter, order: root.dataset.order });
new Filters(find("#filters"), filter, root.dataset.order, (counts) => screen.waiting(counts));
outbox.hurry();
screen.advance();
