/** Undoing what was changed of a database, over connections of its own; from a neighbouring database where that one lets nobody in. */
import {type Clock, HostClock} from '../../base/clock.js'
import {TargetError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import {PgControl} from './control.js'

/** Every server has them, and everybody may enter them unless somebody forbade it. */
const NEIGHBOURS = ['postgres', 'template1']
const RETRY: Ms = 200

export interface Recovery {
  readonly url: string
  /** What is undone, for the error: `the connection limit of chat`. */
  readonly what: string
  readonly within: Ms
}

/** A later process has more patience than the agent, which tries again by itself. */
export const LATER: Ms = 10_000
export const AT_ONCE: Ms = 3000

/** Tries until it works; throws a TargetError with what the last try met. */
export async function recovering(
  {url, what, within}: Recovery,
  work: (control: PgControl) => Promise<void>,
): Promise<void> {
  const clock = new HostClock()
  const deadline = clock.now() + within
  for (;;) {
    const cause = await anywhere(url, work, clock)
    if (cause === undefined) return
    if (clock.now() >= deadline) {
      throw new TargetError(`${what} could not be undone: ${cause.message}`, {
        cause,
        hint: 'check that the server runs and that the role is the one of the run',
      })
    }
    await clock.sleep(RETRY)
  }
}

/** Yields why it could not be done from the database of the URL, if it could not be done from its neighbours either. */
async function anywhere(
  url: string,
  work: (control: PgControl) => Promise<void>,
  clock: Clock,
): Promise<Error | undefined> {
  let first: Error | undefined
  for (const each of [url, ...NEIGHBOURS.map((database) => inDatabase(url, database))]) {
    try {
      await entering(each, work, clock)
      return undefined
    } catch (error) {
      first ??= error as Error
    }
  }
  return first
}

async function entering(url: string, work: (control: PgControl) => Promise<void>, clock: Clock): Promise<void> {
  const control = new PgControl(url, 'proofload:recover', clock)
  await control.open()
  try {
    await work(control)
  } finally {
    await control.close()
  }
}

function inDatabase(text: string, database: string): string {
  const url = new URL(text)
  url.pathname = `/${database}`
  return url.toString()
}
