// What the modules of the review station ask of a browser as soon as they are loaded, without one.
// Import this first: it sets the globals, and each test file runs in a process of its own.

import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";

/** localStorage; `full` makes it refuse as a browser does whose disk is full. */
class Storage {
  full = false;
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.#items.set(key, String(value));
  }

  removeItem(key) {
    this.#items.delete(key);
  }

  clear() {
    this.#items.clear();
  }
}

const WORDS = {
  error: { network: "Không nối được với máy chủ", forbidden: "Không được phép", unknown: "Lỗi" },
  caption: { meHoTen: "Họ tên mẹ" },
  left: "còn {count}",
  completion: { title: "Gợi ý", count: "{count} gợi ý" },
  cells: "{count} {count|cell|cells}",
};

/** Keys that can be changed, read from the file that the server serves: each set and each action is one line there. */
const SERVED = readFileSync(new URL("../../review_ui/shortcuts.yaml", import.meta.url), "utf-8").split("\n\n");
const partOf = (name) => SERVED.find((part) => part.startsWith(`${name}:`));
const listOf = (text) => text.split(",").map((one) => one.trim());
const SHORTCUTS = {
  keys: Object.fromEntries([...partOf("keys").matchAll(/^ {2}(\w+): \[(.*)\]$/gm)].map(([, name, list]) => [name, listOf(list)])),
  actions: Object.fromEntries([...partOf("actions").matchAll(/^ {2}(\w+): \{usual: (\S+), instead: \[(.*)\]\}$/gm)]
    .map(([, name, usual, list]) => [name, { usual, instead: listOf(list) }])),
};

/** The page that the modules run on: signed in as `an`, in Vietnamese, with a CSRF token. */
export const page = { token: "old", renewed: { user: "an", token: "old" } };

const tokenOf = (token) => ({ get content() { return token(); }, set content(value) { page.token = value; } });

globalThis.document = {
  body: { dataset: { user: "an" } },
  documentElement: { lang: "vi" },
  hidden: false,
  getElementById: (id) => ({ words: { textContent: JSON.stringify(WORDS) }, shortcuts: { textContent: JSON.stringify(SHORTCUTS) } })[id] ?? null,
  querySelector: (selector) => (selector === "meta[name=csrf]" ? tokenOf(() => page.token) : null),
  querySelectorAll: () => [],
};

/** An element as far as small ones are built: text, attributes, children. */
export class Element extends EventTarget {
  id = "";
  value = "";
  hidden = false;
  textContent = "";
  children = [];
  dataset = {};
  attributes = {};
  setAttribute(name, value) { this.attributes[name] = value; }
  removeAttribute(name) { delete this.attributes[name]; }
  replaceChildren(...children) { this.children = children; }
  after(element) { this.next = element; }
  focus() {}
  select() { this.setSelectionRange(0, this.value.length); }
  setSelectionRange(start, end) { Object.assign(this, { selectionStart: start, selectionEnd: end }); }
}

globalThis.document.createElement = () => new Element();
globalThis.document.execCommand = () => false; // as where a browser refuses: the text is put in without it

export const storage = new Storage();
Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true });
const events = new EventTarget();
setMaxListeners(0, events); // every outbox of a test listens, none goes away
globalThis.addEventListener = events.addEventListener.bind(events);

/** A person's doing: an event of this kind. */
export const signs = (kind, more = {}) => events.dispatchEvent(Object.assign(new Event(kind), { repeat: false }, more));

/** The browser is connected again. */
export const connected = () => events.dispatchEvent(new Event("online"));

/**
 * A server: `answer(url, body)` gives what it says, or throws where it cannot be reached; with `broken` its JSON ends
 * before its time.
 * `calls` are the bodies of all requests with one, in order.
 */
export function serve(answer) {
  const calls = [];
  globalThis.fetch = async (url, { body, headers: asked } = {}) => {
    const sent = body === undefined ? undefined : JSON.parse(body);
    if (sent !== undefined) calls.push(sent);
    const { status = 200, data = null, headers = {}, broken = false } = await answer(url, sent, { headers: asked });
    return {
      status, type: "basic", ok: status < 400, headers: new Headers(headers),
      json: async () => { if (broken) throw new SyntaxError("the end is missing"); return data; },
      text: async () => "<html></html>",
    };
  };
  return calls;
}

/** Let everything that waits for a promise alone run to its end. */
export async function quiet() {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
