// What is being typed and not saved yet: kept on this computer, offered again when the field comes back.

import { forget, keep, keysUnder, recall, user } from "./memory.js";

const ROOT = `sohoa.draft.${user}.`;
const DAYS = 7;

/** Keep what stands in the input of a field. */
export const keepDraft = (field, text) => keep(`${ROOT}${field}`, { text, time: Date.now() });
/** What was being typed into a field, or null. */
export const draftOf = (field) => recall(`${ROOT}${field}`)?.text ?? null;
/** The field has been decided. */
export const dropDraft = (field) => forget(`${ROOT}${field}`);

/** Drafts nobody came back to do not stay: they hold personal data. */
export function dropOldDrafts() {
  for (const key of keysUnder("sohoa.draft.")) {
    if (!(recall(key)?.time > Date.now() - DAYS * 86400e3)) forget(key);
  }
}
