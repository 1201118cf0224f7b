/** Undoing by a later process what a killed run has left on a database; from a neighbouring database where that one lets nobody in. */
import {HostClock} from '../../base/clock.js'
import {TargetError} from '../../base/errors.js'
import {PgControl} from './control.js'

/** Every server has them, and everybody may enter them unless somebody forbade it. */
const NEIGHBOURS = ['postgres', 'template1']

/** Throws a TargetError with what the first try met. */
export async function recovering(
  url: string,
  what: string,
  work: (control: PgControl) => Promise<void>,
): Promise<void> {
  const [own, ...others] = [url, ...NEIGHBOURS.map((database) => inDatabase(url, database))]
  try {
    await entering(own, work)
  } catch (cause) {
    for (const other of others) {
      if (await entering(other, work).then(done, failed)) return
    }
    throw new TargetError(`${what} could not be undone: ${(cause as Error).message}`, {
      cause,
      hint: 'check that the server runs and that the role is the one of the run',
    })
  }
}

const done = () => true
const failed = () => false

async function entering(url: string, work: (control: PgControl) => Promise<void>): Promise<void> {
  const control = new PgControl(url, 'proofload:recover', new HostClock())
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
