// How long a scripted server keeps each message: a function of when the message was due (ms since the first one) and of its number.

const STALL = {every: 10_000, length: 1000, first: 3000}

/** A message that is due while the server stalls goes out when the stall ends. */
function stalls(due) {
  const since = (due - STALL.first + STALL.every) % STALL.every
  return due >= STALL.first && since < STALL.length ? STALL.length - since : 0
}

/** Spread by a multiplication by the golden ratio (Knuth, TAOCP 6.4), so that the slow ones keep no rhythm with the rooms. */
function oneInHundred(due, n) {
  return Math.imul(n + 1, 0x9e3779b1) >>> 0 < 0x1_0000_0000 / 100 ? 2000 : 0
}

export const PROGRAMMES = {
  'no delay': () => 0,
  'stall of 1 s every 10 s': stalls,
  'uniform 50 ms': () => 50,
  '1 % at 2 s': oneInHundred,
}
