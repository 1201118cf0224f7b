import {describe, expect, it} from 'vitest'
import {isName, parseRequest} from '../../../src/lib/targets/practice/requests.js'

describe('a client frame', () => {
  it.each([
    ['{"type":"join","room":"r"}', {type: 'join', room: 'r'}],
    ['{"type":"leave","room":"r"}', {type: 'leave', room: 'r'}],
    ['{"type":"publish","room":"r","id":0,"body":"x"}', {type: 'publish', room: 'r', id: 0, body: 'x'}],
    ['{"type":"ping"}', {type: 'ping'}],
  ])('%s is understood', (text, request) => {
    expect(parseRequest(text)).toEqual(request)
  })

  it.each([
    ['', 'not JSON'],
    ['{"type":"join"', 'not JSON'],
    ['null', 'not a JSON object'],
    ['"join"', 'not a JSON object'],
    ['[]', 'unknown type'],
    ['{"type":"shout","room":"r"}', 'unknown type'],
    ['{"type":"join"}', 'room must be 1 to 128 characters'],
    ['{"type":"join","room":""}', 'room must be 1 to 128 characters'],
    [JSON.stringify({type: 'join', room: 'r'.repeat(129)}), 'room must be 1 to 128 characters'],
    ['{"type":"publish","room":"r","body":"x"}', 'id must be a whole number'],
    ['{"type":"publish","room":"r","id":1.5,"body":"x"}', 'id must be a whole number'],
    ['{"type":"publish","room":"r","id":"1","body":"x"}', 'id must be a whole number'],
    ['{"type":"publish","room":"r","id":1}', 'body must be text'],
    ['{"type":"publish","room":"r","id":1,"body":"a\\u0000b"}', 'body must not contain NUL'],
  ])('%s is malformed: %s', (text, reason) => {
    expect(parseRequest(text)).toEqual({type: 'malformed', reason})
  })

  it('has names that Redis and Postgres can hold', () => {
    expect(['r', 'r'.repeat(128), 'grüße'].every(isName)).toBe(true)
    expect(['', 'r'.repeat(129), 'a\0b', undefined, 5].some(isName)).toBe(false)
  })
})
