// Runs the built CLI as a user would, and reads its report.
import {execa} from 'execa'

const BIN = new URL('../bin/run.js', import.meta.url).pathname

/** The report of one run; a broken threshold is a result here, not an error. */
export async function report(...args) {
  const {stdout, stderr, exitCode} = await execa('node', [BIN, ...args, '--json', '--quiet'], {
    reject: false,
    timeout: 300_000,
  })
  if (![0, 98, 99].includes(exitCode ?? 1))
    throw new Error(`proofload ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
  return JSON.parse(stdout)
}

/** Median wall time of a command in ms, over `runs` after a warm-up. */
export async function wallTime(command, args, runs) {
  const times = []
  for (let run = 0; run <= runs; run++) {
    const startedAt = performance.now()
    await execa(command, args)
    if (run > 0) times.push(performance.now() - startedAt)
  }
  return times.sort((left, right) => left - right)[Math.floor(times.length / 2)]
}
