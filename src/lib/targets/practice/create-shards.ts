/** Makes the databases that keep the messages, all on the one embedded server, owned by the role of the nodes. */
import pg from 'pg'
import type {PostgresService} from '../embedded/postgres.js'

/** Names of the databases beside the one that the server comes with, which is the first shard. */
const OTHERS = ['proofload_2']

/** Resolves with one URL for each shard, as that role. */
export async function createShards({adminUrl, url}: PostgresService): Promise<readonly string[]> {
  const admin = new pg.Client(adminUrl)
  await admin.connect()
  try {
    for (const name of OTHERS) await admin.query(`create database ${name} owner ${new URL(url).username}`)
  } finally {
    await admin.end()
  }
  return [url, ...OTHERS.map((name) => databaseAt(url, name))]
}

function databaseAt(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.href
}
