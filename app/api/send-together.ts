/**
 * Sends one at a time: what comes while a call is under way goes together in the next one. Each caller hears what became of the call that
 * had its own item.
 */
export function sendTogether<Item>(send: (items: Item[]) => Promise<unknown>): (item: Item) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  let next: { items: Item[]; sent: Promise<unknown> } | null = null;

  function gather(): { items: Item[]; sent: Promise<unknown> } {
    const items: Item[] = [];
    const sent = last.then(() => {
      next = null;
      return send(items);
    });
    last = sent.catch(() => undefined);
    return { items, sent };
  }

  return async (item) => {
    next ??= gather();
    next.items.push(item);
    await next.sent;
  };
}
