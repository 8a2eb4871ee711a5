// What must outlive the browser: kept in localStorage under the user's name, one item a key.

/** Name of the signed-in user. */
export const user = document.body.dataset.user || "";

/** Keep a value; false where the browser cannot (full or forbidden). */
export function keep(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** What is kept under a key, or null. */
export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** Forget a key. */
export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch { /* nothing was kept either */ }
}

/** Whose an item is: its key is `prefix`, the name, a dot, and a rest without dots. Names may hold dots themselves. */
export const ownerOf = (key, prefix) => key.slice(prefix.length).replace(/\.[^.]*$/, "");

/** The signed-in user's own keys that begin so, in order: those of `lan.anh` are none of `lan`'s. */
export const ownKeys = (prefix) => keysUnder(`${prefix}${user}.`).filter((key) => ownerOf(key, prefix) === user);

/** All keys that begin so, in order. */
export function keysUnder(prefix) {
  const found = [];
  try {
    for (let i = 0; i < localStorage.length; i += 1) {
      const key = localStorage.key(i);
      if (key.startsWith(prefix)) found.push(key);
    }
  } catch { /* none can be kept */ }
  return found.sort();
}
