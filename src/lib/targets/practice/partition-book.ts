/** Changes to the partitions of one shard, by one node at a time. */
import type {ClientBase} from 'pg'
import type {Ms} from '../../base/units.js'

/** All or nothing, with nobody else at it. */
export async function withBook(client: ClientBase, change: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await client.query('lock table message_partitions in share row exclusive mode')
    await change()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

const BEYOND = `
  select name, extract(epoch from starts)::float8 as starts from message_partitions
  where ends > to_timestamp($1::float8 / 1000)`

/** For a defect: from `moment` (ms since 1970) on there is no partition. Rejects when rows are there already. */
export async function cutShort(client: ClientBase, moment: Ms): Promise<void> {
  const beyond = async () => (await client.query<{name: string; starts: number}>(BEYOND, [moment])).rows
  if ((await beyond()).length === 0) return
  await withBook(client, async () => {
    for (const {name, starts} of await beyond()) {
      const removed = `
        alter table messages detach partition ${name};
        delete from message_partitions where name = '${name}';`
      const [from, to] = [starts, moment / 1000]
      const shortened = `
        alter table messages attach partition ${name} for values from (to_timestamp(${from})) to (to_timestamp(${to}));
        insert into message_partitions values ('${name}', to_timestamp(${from}), to_timestamp(${to}));`
      await client.query(removed + (from < to ? shortened : `drop table ${name};`))
    }
  })
}
