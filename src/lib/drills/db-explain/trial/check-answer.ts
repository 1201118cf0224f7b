/** Whether a query answers the same with the new indexes as without: what an index must never change. */
import {DatabaseError} from 'pg'
import type {RawRows, Session} from '../../../protocols/postgres/session.js'
import {isFinal} from '../../../protocols/postgres/trouble.js'
import type {Binding, BoundQuery} from '../query.js'
import {agree, sameSequence, type Openness} from './compare-answers.js'
import {digestOf, type Digest} from './digest.js'
import {keyed, type Keyed} from './sort-keys.js'
import type {Built, TrialGround} from './trial-ground.js'

/**
 * `open`: the answers differ in a way that the query allows, or it gives different ones without any new index too, when it is asked again or
 * planned differently (`now()`, `array_agg` without an order, a LIMIT in a subquery that sorts by too little). `unknown`: there was no answer.
 */
export type Sameness = 'same' | 'open' | 'changed' | 'unknown'

/** Each makes the planner take another way; none of them may change what a query answers if it says all that matters. */
const OTHER_WAYS: readonly (readonly string[])[] = [
  [],
  ['enable_seqscan'],
  ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'],
  ['enable_hashjoin', 'enable_hashagg'],
  ['enable_nestloop', 'enable_mergejoin', 'enable_sort'],
]

/** Of one binding; the plain answers are those of the warm-up. */
export interface Answers {
  readonly before: RawRows | undefined
  readonly after: RawRows | undefined
}

/** Asks again only where the plain answers differ. Leaves on the ground what it finds there in the end: nothing shown. */
export async function checkAnswer(
  ground: TrialGround,
  asked: {readonly query: BoundQuery; readonly binding: Binding; readonly chosen: readonly Built[]},
  {before, after}: Answers,
): Promise<Sameness> {
  if (before === undefined || after === undefined) return 'unknown'
  if (sameSequence(digestOf(before, 0).rows, digestOf(after, 0).rows)) return 'same'
  const {query, binding, chosen} = asked
  const told = await askedFor(query)
  const rule: Openness = {ordered: query.ordered, cut: told.cut}
  const ask = async () => digestOf(await ground.session.read(told.sql, binding.values), told.keys)
  await ground.see(chosen)
  const right = await answerOf(ground, ask)
  await ground.see([])
  const left = await answerOf(ground, ask)
  if (left === undefined || right === undefined) return 'unknown'
  if (agree(left, right, rule)) return isOnlyCounted(rule) ? 'open' : 'same'
  return (await isOpen(ground, {ask, left, rule})) ? 'open' : 'changed'
}

async function askedFor({sql}: BoundQuery): Promise<Keyed> {
  return (await keyed(sql)) ?? {sql, keys: 0, cut: false}
}

/** Which rows they are is certain in neither answer. */
function isOnlyCounted({ordered, cut}: Openness): boolean {
  return !ordered && cut
}

interface Doubted {
  readonly ask: () => Promise<Digest>
  readonly left: Digest
  readonly rule: Openness
}

async function isOpen(ground: TrialGround, {ask, left, rule}: Doubted): Promise<boolean> {
  for (const settings of OTHER_WAYS) {
    const other = await answerOf(ground, () => without(ground.session, settings, ask))
    if (other !== undefined && !agree(left, other, rule)) return true
  }
  return false
}

/** Switches off these settings for as long as `work` takes. */
async function without<Answer>(
  session: Session,
  settings: readonly string[],
  work: () => Promise<Answer>,
): Promise<Answer> {
  const former: (string | null)[] = []
  for (const name of settings) {
    const [row] = await session.ask<{former: string}>('SELECT current_setting($1) AS former', [name])
    former.push(row?.former ?? 'on')
    await session.run(`SET ${name} = off`)
  }
  try {
    return await work()
  } finally {
    for (const [place, name] of settings.entries()) {
      if (session.isOpen)
        await session.ask('SELECT set_config($1, $2, false)', [name, former[place]]).catch(() => undefined)
    }
  }
}

/** Undefined where the server gives none, as after a statement timeout. */
async function answerOf(ground: TrialGround, ask: () => Promise<Digest>): Promise<Digest | undefined> {
  try {
    return await ground.reads(ask)
  } catch (error) {
    if (!(error instanceof DatabaseError) || isFinal(error)) throw error
    return undefined
  }
}
