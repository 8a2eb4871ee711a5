// Small helpers for building and finding elements.

/** An element: `h("div", {class: "a", onclick: f, dataset: {id: 1}}, child, "text")`. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list" && name !== "role") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  fill(element, ...children);
  return element;
}

/** Replace what is in an element; null and false children are left out. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

/** The first element that matches; an error where there is none. */
export function find(selector, root = document) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

/** Say something in a notice of the page, of a kind (`ok`, `warn`, `error`) or none; an empty text takes it away. */
export function tell(notice, text, kind = "") {
  notice.hidden = !text;
  notice.textContent = text;
  notice.className = `notice ${kind}`;
}

/** `action` is put off until nothing has called it for `wait` ms. */
export function settled(action, wait) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), wait);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

/** Do what can wait once the next frame is on the screen: keys are answered first. */
export function afterPaint(action) {
  if (document.hidden || !globalThis.requestAnimationFrame) setTimeout(action);
  else requestAnimationFrame(() => setTimeout(action));
}

/** The longest that work nobody waits for is put off, however busy the page is. */
const IDLE_MS = 250;

/** Do what nobody waits for once the frame is on the screen and no key is being answered. */
export function whenIdle(action) {
  const { requestIdleCallback: idle } = globalThis;
  afterPaint(idle && !document.hidden ? () => idle(action, { timeout: IDLE_MS }) : action);
}

/** Whether somebody has begun to type elsewhere: a dialog says late that it was closed, and must not take the cursor back. */
export function typing() {
  return Boolean(document.activeElement?.matches?.("input, textarea, select"));
}
