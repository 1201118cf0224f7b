// Prints figures: what was measured, next to what must be reached.

/** `ok` or `NOT REACHED`, with the aim. */
export function judged(reached, aim) {
  return `${reached ? 'ok' : 'NOT REACHED'} (${aim})`
}

export function table(title, rows) {
  console.log(`\n${title}`)
  for (const [name, value, verdict] of rows) console.log(`  ${name.padEnd(24)}${value.padEnd(40)}${verdict}`)
}
