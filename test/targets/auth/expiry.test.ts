import {expect, test} from 'vitest'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {endOfToken} from '../../../src/lib/targets/auth/expiry.js'

const clock = new LeapingClock()
const inSeconds = (seconds: number): number => Math.floor(clock.date().getTime() / 1000) + seconds
const jwt = (claims: unknown): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`

test.each<[string, string, number | undefined, number]>([
  ['no word of its end is good for ever', 'opaque', undefined, Infinity],
  ['a life by the profile is good for a little less', 'opaque', 60_000, 55_000],
  ['a JSON Web Token that says so is good until then', jwt({exp: inSeconds(100)}), undefined, 95_000],
  ['a JSON Web Token that does not say so is good for ever', jwt({sub: 'ann'}), undefined, Infinity],
  ['three parts that are no JSON is good for ever', 'a.b.c', undefined, Infinity],
  ['a life that is over is tried all the same', jwt({exp: inSeconds(-5)}), undefined, 5000],
])('a token with %s', (_what, token, lifeMs, left) => {
  const end = endOfToken(token, clock, lifeMs) - clock.now()
  if (left === Infinity) expect(end).toBe(Infinity)
  else expect(Math.abs(end - left)).toBeLessThanOrEqual(1000)
})
