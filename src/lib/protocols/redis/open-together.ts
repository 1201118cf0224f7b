/** Opens many connections, some at a time: a server's queue of those that knock holds about a hundred. */

const AT_ONCE = 50

/** Rejects with the first failure, once those that were begun with it have ended too. */
export async function openTogether<Item>(items: readonly Item[], open: (item: Item) => Promise<void>): Promise<void> {
  for (let first = 0; first < items.length; first += AT_ONCE) {
    const results = await Promise.allSettled(items.slice(first, first + AT_ONCE).map((item) => open(item)))
    const failure = results.find((result) => result.status === 'rejected')
    if (failure !== undefined) throw failure.reason as Error
  }
}
