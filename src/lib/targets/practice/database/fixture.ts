/** The SQL of the chat database, as it is shipped in fixtures/sql/chat. */
import {readFile} from 'node:fs/promises'

/** The same depth below the package from src and from dist. */
const SHIPPED = new URL('../../../../../fixtures/sql/chat/', import.meta.url)

/** `numbers`, `relations`, `tables/messages`, … */
export async function fixtureSql(name: string): Promise<string> {
  return await readFile(new URL(`${name}.sql`, SHIPPED), 'utf8')
}

/** What a chat backend asks, with its annotations. */
export async function chatQueries(): Promise<string> {
  return await fixtureSql('queries')
}
