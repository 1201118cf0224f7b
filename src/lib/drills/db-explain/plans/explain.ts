/** Asks the server for the plan of a query: planned only, or run as well. Changes nothing, and opens no transaction of its own. */
import {DatabaseError} from 'pg'
import {UsageError} from '../../../base/errors.js'
import type {Session} from '../../../protocols/postgres/session.js'
import type {Query, Value} from '../query.js'
import {isCancelled} from '../statement-limit.js'
import type {Plan} from './plan-node.js'
import {readPlan} from './read-plan.js'

export interface ExplainOptions {
  /** Runs the query. */
  readonly analyze: boolean
  /** Clocks every node, which slows the query down; only with `analyze`. */
  readonly timing: boolean
  readonly buffers: boolean
}

/** Run as the options say; where the server gives that up, planned only. `ask` explains, and is asked again then. */
export async function explainOrPlan(
  run: ExplainOptions,
  ask: (options: ExplainOptions) => Promise<Plan>,
): Promise<Plan> {
  try {
    return await ask(run)
  } catch (error) {
    if (!run.analyze || !isCancelled(error)) throw error
    return await ask(PLANNED)
  }
}

export const PLANNED: ExplainOptions = {analyze: false, timing: false, buffers: false}

export type Explained = Pick<Query, 'name' | 'sql' | 'parameters'>

/**
 * Plans for exactly these values, and runs nothing unless it is told to; without any for a query that takes some, the generic plan, which Postgres has from 16 on. Rejects with the
 * server's error, and with a UsageError where there is no plan without values.
 */
export async function explain(
  session: Session,
  query: Explained,
  values: readonly Value[],
  options: ExplainOptions = PLANNED,
): Promise<Plan> {
  if (query.parameters > 0 && values.length === 0) return generic(session, query, options)
  const {rows} = await session.read(`EXPLAIN (${optionsOf(options)})\n${query.sql}`, values)
  return readPlan(JSON.parse(rows.map(([text]) => text ?? '').join('\n')))
}

/** Each is said, as its default differs from version to version: 18 counts buffers unasked. TIMING is refused where nothing is run. */
function optionsOf({analyze, timing, buffers}: ExplainOptions): string {
  const run = analyze ? `, ANALYZE, TIMING ${onOff(timing)}` : ''
  return `FORMAT JSON, VERBOSE, SETTINGS, SUMMARY, BUFFERS ${onOff(buffers)}${run}`
}

function onOff(on: boolean): string {
  return on ? 'ON' : 'OFF'
}

/** Parameters stay open, which only the simple protocol allows: with values, even of NULL, the server would plan for those. */
async function generic(session: Session, query: Explained, {analyze, buffers}: ExplainOptions): Promise<Plan> {
  const {name, parameters, sql} = query
  const number = `${parameters} ${parameters === 1 ? 'parameter' : 'parameters'}`
  if (analyze) throw new UsageError(`${name} has ${number} and cannot be run without values`, VALUES)
  const options = optionsOf({...PLANNED, buffers})
  try {
    const [row] = await session.ask<Answer>(`EXPLAIN (${options}, GENERIC_PLAN)\n${sql}`)
    return readPlan(row?.['QUERY PLAN'])
  } catch (cause) {
    if (!isUnknownOption(cause)) throw cause
    throw new UsageError(`${name} has ${number}, and only Postgres 16 and later plan without values`, {
      ...VALUES,
      cause,
    })
  }
}

const VALUES = {hint: 'give values for its parameters'}

/** Parsed by the driver, as its type is json. */
interface Answer {
  readonly 'QUERY PLAN': unknown
}

const SYNTAX_ERROR = '42601'

function isUnknownOption(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === SYNTAX_ERROR && error.message.includes('generic_plan')
}
