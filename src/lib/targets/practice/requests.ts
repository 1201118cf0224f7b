/** What a client may ask for: one JSON object a text frame, checked by hand because this runs for every message. */
import {MAX_NAME_LENGTH} from './limits.js'

export type Request =
  | {readonly type: 'join'; readonly room: string}
  | {readonly type: 'leave'; readonly room: string}
  | {readonly type: 'publish'; readonly room: string; readonly id: number; readonly body: string}
  | {readonly type: 'ping'}
  | {readonly type: 'malformed'; readonly reason: string}

/** Never throws: whatever does not make sense becomes `malformed` with the reason that the client is told. */
export function parseRequest(text: string): Request {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return malformed('not JSON')
  }
  if (typeof value !== 'object' || value === null) return malformed('not a JSON object')
  const fields = value as Record<string, unknown>
  if (fields['type'] === 'ping') return {type: 'ping'}
  return roomRequest(fields)
}

function roomRequest(fields: Record<string, unknown>): Request {
  const {type, room} = fields
  if (type !== 'join' && type !== 'leave' && type !== 'publish') return malformed('unknown type')
  if (!isName(room)) return malformed(`room must be 1 to ${MAX_NAME_LENGTH} characters`)
  return type === 'publish' ? publishRequest(room, fields) : {type, room}
}

function publishRequest(room: string, {id, body}: Record<string, unknown>): Request {
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return malformed('id must be a whole number')
  if (typeof body !== 'string' || body === '') return malformed('body must be text')
  if (hasNul(body)) return malformed('body must not contain NUL')
  return {type: 'publish', room, id, body}
}

/** A room or user name that both Redis and Postgres can hold. */
export function isName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && name.length <= MAX_NAME_LENGTH && !hasNul(name)
}

/** A body that can be stored. */
export function isText(body: unknown): body is string {
  return typeof body === 'string' && body !== '' && !hasNul(body)
}

/** Postgres cannot store NUL in text; one such body would spoil the whole insert. */
function hasNul(text: string): boolean {
  return text.includes('\0')
}

function malformed(reason: string): Request {
  return {type: 'malformed', reason}
}

/** A part of a path; undefined for what is no valid escape. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
