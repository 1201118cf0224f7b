/** ZRANGE and its relatives: by rank, score or bytes, forwards and backwards, read or removed. */
import {integer, range, scoreText} from '../numbers.js'
import {ReplyError, SYNTAX, type Value} from '../value.js'
import {at, type Handler, type Handlers} from './handler.js'
import {ordered, withinBytes, withinScores, type Member, type Within} from './sorted-set.js'
import {removeMembers, sortedSet} from './sorted-sets.js'

type By = 'rank' | 'score' | 'bytes'

interface Wanted {
  by: By
  reverse: boolean
  scores: boolean
  limit?: [offset: number, count: number]
}

/** Reads the words after start and stop; `old` commands take WITHSCORES and LIMIT only. */
function options(words: readonly string[], by: By, reverse: boolean, old: boolean): Wanted {
  const wanted: Wanted = {by, reverse, scores: false}
  for (let index = 0; index < words.length; index++) {
    const word = at(words, index).toUpperCase()
    if (word === 'WITHSCORES') wanted.scores = true
    else if (word === 'LIMIT' && index + 2 < words.length) {
      wanted.limit = [integer(at(words, ++index)), integer(at(words, ++index))]
    } else if (old || !modern(wanted, word)) throw new ReplyError(SYNTAX)
  }
  contradictions(wanted)
  return wanted
}

function modern(wanted: Wanted, word: string): boolean {
  if (word === 'REV') wanted.reverse = true
  else if (word === 'BYSCORE') wanted.by = 'score'
  else if (word === 'BYLEX') wanted.by = 'bytes'
  else return false
  return true
}

function contradictions({by, limit, scores}: Wanted): void {
  if (limit !== undefined && by === 'rank') {
    throw new ReplyError(`${SYNTAX}, LIMIT is only supported in combination with either BYSCORE or BYLEX`)
  }
  if (scores && by === 'bytes') {
    throw new ReplyError(`${SYNTAX}, WITHSCORES not supported in combination with BYLEX`)
  }
}

function pick(
  members: readonly Member[],
  {by, reverse, limit}: Wanted,
  start: string,
  stop: string,
): readonly Member[] {
  const line = reverse ? members.toReversed() : members
  if (by === 'rank') return line.slice(...range(line.length, start, stop))
  const bounds: [string, string] = reverse ? [stop, start] : [start, stop]
  const found = line.filter(by === 'score' ? withinScores(...bounds) : withinBytes(...bounds))
  if (limit === undefined) return found
  const [offset, count] = limit
  if (offset < 0) return []
  return found.slice(offset, count < 0 ? undefined : offset + count)
}

function show(members: readonly Member[], scores: boolean): Value {
  return members.flatMap(({member, score}) => (scores ? [member, scoreText(score)] : [member]))
}

function read(by: By, reverse: boolean, old = true): Handler {
  return (store, args) => {
    const wanted = options(args.slice(3), by, reverse, old)
    return show(pick(ordered(sortedSet(store, at(args, 0))), wanted, at(args, 1), at(args, 2)), wanted.scores)
  }
}

function remove(by: By): Handler {
  return (store, args) => {
    const wanted: Wanted = {by, reverse: false, scores: false}
    const found = pick(ordered(sortedSet(store, at(args, 0))), wanted, at(args, 1), at(args, 2))
    return removeMembers(
      store,
      at(args, 0),
      found.map(({member}) => member),
    )
  }
}

function count(within: (low: string, high: string) => Within): Handler {
  return (store, args) => ordered(sortedSet(store, at(args, 0))).filter(within(at(args, 1), at(args, 2))).length
}

export const RANGES: Handlers = {
  zrange: read('rank', false, false),
  zrevrange: read('rank', true),
  zrangebyscore: read('score', false),
  zrevrangebyscore: read('score', true),
  zrangebylex: read('bytes', false),
  zrevrangebylex: read('bytes', true),
  zremrangebyrank: remove('rank'),
  zremrangebyscore: remove('score'),
  zremrangebylex: remove('bytes'),
  zcount: count(withinScores),
}
