// Files that are worked on together have one number, which the browser makes up.

/** 32 hexadecimal digits. */
export function newBatch() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
