// What is being typed and not saved yet: kept on this computer, offered again when the field comes back.
// It leaves the browser with its person: nobody has decided it, and it holds names of citizens.

import { forget, keep, keysUnder, ownKeys, ownerOf, recall, user } from "./memory.js";

const ROOT = "sohoa.draft.";
const OWN = `${ROOT}${user}.`;
const DAYS = 7;

/** Keep what stands in the input of a field. */
export const keepDraft = (field, text) => keep(`${OWN}${field}`, { text, time: Date.now() });
/** What was being typed into a field, or null. */
export const draftOf = (field) => recall(`${OWN}${field}`)?.text ?? null;
/** The field has been decided. */
export const dropDraft = (field) => forget(`${OWN}${field}`);

/** The user signs out. */
export function dropOwnDrafts() {
  ownKeys(ROOT).forEach(forget);
}

/** Somebody is signed in: what others left half typed on this computer is none of his business. */
export function dropDraftsOfOthers() {
  for (const key of keysUnder(ROOT)) if (ownerOf(key, ROOT) !== user) forget(key);
}

/** Drafts nobody came back to do not stay: they hold personal data. */
export function dropOldDrafts() {
  for (const key of keysUnder(ROOT)) {
    if (!(recall(key)?.time > Date.now() - DAYS * 86400e3)) forget(key);
  }
}
