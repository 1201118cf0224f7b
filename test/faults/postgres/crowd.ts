/** Sessions that never give up: each asks all the time, and when it is ended it logs in again at once; what got through is counted. */
import {Client} from 'pg'

export interface Crowd {
  /** Queries that were answered. */
  readonly done: number
  /** Logins that were refused, and sessions that were ended. */
  readonly failed: number
  stop(): Promise<void>
}

/** Under the application name `crowd`. */
export function startCrowd(url: string, size: number): Crowd {
  let [done, failed] = [0, 0]
  const end = new AbortController()
  const goesOn = () => !end.signal.aborted
  const one = async () => {
    while (goesOn()) {
      const client = new Client({connectionString: url, application_name: 'crowd'})
      client.on('error', () => undefined)
      try {
        await client.connect()
        while (goesOn()) {
          await client.query('SELECT 1')
          done += 1
        }
        await client.end()
      } catch {
        failed += 1
      }
    }
  }
  const all = Promise.all(Array.from({length: size}, one))
  return {
    get done() {
      return done
    },
    get failed() {
      return failed
    },
    stop: async () => {
      end.abort()
      await all
    },
  }
}
