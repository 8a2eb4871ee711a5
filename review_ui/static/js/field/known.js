// What the fields of a record say now: decisions of a moment ago count although the item was taken before them.

const ENTERED = { confirm: "confirmed", correct: "corrected", blank: "blank", unreadable: "unreadable" };

/** Values by field, from one's own decisions at once and from the server's answers. */
export class KnownFields {
  constructor() {
    this.fields = new Map(); // field -> {value, state, time}
  }

  /** Somebody has just decided an item here; the server has not answered yet. */
  decided(item, { action, value }) {
    if (ENTERED[action]) this.#set(item.field, { value: value ?? "", state: ENTERED[action] });
  }

  /** The server says which fields stand otherwise after a decision. */
  changed(fields) {
    for (const { field, value, state } of fields || []) this.#set(field, { value, state });
  }

  /** A decision was taken back: what an item says counts again. */
  forget(field) {
    this.fields.delete(field);
  }

  /** The other fields of an item's record as they are now; what the item knows better itself stays. */
  siblings(item) {
    return (item.siblings || []).map((own) => {
      const known = this.fields.get(own.field);
      return known && known.time >= (item.taken ?? 0) ? { ...own, value: known.value, state: known.state } : own;
    });
  }

  #set(field, now) {
    this.fields.set(field, { ...now, time: performance.now() });
  }
}
