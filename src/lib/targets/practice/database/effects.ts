/** What each defect of the practice database does to it, to its workload, and to what is asked of it. */
import type {DatabaseDefect} from '../defects/catalogue.js'
import type {DefectSpec} from '../defects/parse-defect.js'

export interface Effect {
  /** Of the server. */
  readonly settings?: Readonly<Record<string, string>>
  /** Run by the owner when everything is loaded; one transaction. */
  readonly sql?: string
  /** Belong to the workload, with their annotations. */
  readonly queries?: string
  /** Asked beside the workload when it is run once, as the backend would. */
  readonly asked?: readonly string[]
  /** Redis keeps this share of the keys that it is told to delete. */
  readonly keptKeys?: number
}

/** Two sessions that load or scan cannot do with less. */
const LEAST_BUFFERS = 1024

/** The value is in base units: ms, bytes, a share from 0 to 1, a count. */
const EFFECTS: Readonly<Record<DatabaseDefect, (value: number) => Effect>> = {
  'small-cache': (bytes) => ({settings: {shared_buffers: `${Math.max(LEAST_BUFFERS, Math.round(bytes / 1024))}kB`}}),
  'slow-inserts': (ms) => ({sql: slowTrigger(ms)}),
  'unstable-order': (calls) => ({queries: query('some-of-first-room', calls, UNSTABLE)}),
  'trap-statistics': (calls) => ({
    queries: query('newest-everywhere', calls, NEWEST) + query('edited-before-sent', calls, MISLED),
  }),
  'failing-query': (calls) => ({queries: query('share-of-quota', calls, FAILING)}),
  'no-gain': (calls) => ({queries: query('length-of-all', calls, EVERY_ROW)}),
  'write-heavy': (calls) => ({sql: AUDIT, queries: query('audit-search', calls, AUDIT_SEARCH)}),
  'redundant-indexes': (count) => ({sql: sameIndexes(count)}),
  'needs-vacuum': (share) => ({
    sql: `UPDATE messages SET edited_at = now() WHERE id <= ${share} * (SELECT max(id) FROM messages)`,
  }),
  'n-plus-one': (rows) => ({asked: oneByOne(rows)}),
  'stale-cache': (share) => ({keptKeys: share}),
}

/** Of the defects of the nodes, none. */
export function effectsOf(specs: readonly DefectSpec[]): readonly Effect[] {
  return specs.flatMap(({name, value}) => (isOfDatabase(name) ? [EFFECTS[name](value as number)] : []))
}

function isOfDatabase(name: DefectSpec['name']): name is DatabaseDefect {
  return Object.hasOwn(EFFECTS, name)
}

function query(name: string, calls: number, sql: string): string {
  return `\n-- name: ${name}\n-- calls: ${calls}\n${sql};\n`
}

/**
 * Nothing says which messages of a room come first, and what comes of them is told as if that were certain. Sorted they are those that were sent
 * first, and read from the end of an index those that were sent last.
 */
const UNSTABLE = `SELECT count(*), sum(id), sum(length(body))
FROM (SELECT id, body FROM messages WHERE room_id <= 1 ORDER BY room_id DESC LIMIT 20) AS picked`

const NEWEST = `SELECT id, room_id, body FROM messages ORDER BY created_at DESC, id DESC LIMIT 20`
/** Of two columns that are compared the planner assumes a third of the rows; in truth nothing is edited before it is sent. */
const MISLED = `SELECT id, body FROM messages WHERE edited_at < created_at ORDER BY created_at DESC, id DESC LIMIT 20`

/** Even sizes leave no remainder. */
const FAILING = `SELECT id, 100 / (bytes % 2) AS share FROM files WHERE id < 1000 ORDER BY id`

const EVERY_ROW = `SELECT count(*), sum(length(body)), max(length(body)) FROM messages`

const AUDIT = `
  CREATE TABLE audit (id bigint PRIMARY KEY, line text NOT NULL);
  INSERT INTO audit SELECT id, 'message ' || id || ' by ' || author_id || ' in room ' || room_id || ' at ' || created_at || ': ' || body FROM messages
    WHERE id % 5 = 0;
  ANALYZE audit`
const AUDIT_SEARCH = `SELECT id, line FROM audit WHERE line ILIKE '%in room 7 at%keys works for me%' ORDER BY id LIMIT 20`

function slowTrigger(ms: number): string {
  return `
    CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(${ms} / 1000.0); RETURN NEW; END$$;
    DO $$
    DECLARE name regclass;
    BEGIN
      FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('CREATE TRIGGER take_time BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION take_time()', name);
      END LOOP;
    END $$`
}

/** The key of members begins with user_id. */
function sameIndexes(count: number): string {
  const statements = Array.from({length: count}, (_, n) => `CREATE INDEX members_user_${n + 1} ON members (user_id)`)
  return statements.join(';\n')
}

function oneByOne(rows: number): readonly string[] {
  const list = `SELECT id, reporter_id, reason FROM reports ORDER BY id LIMIT ${rows}`
  const one = (n: number) => `SELECT id, display_name, city FROM users WHERE id = ${n + 1}`
  return [list, ...Array.from({length: rows}, (_, n) => one(n))]
}
