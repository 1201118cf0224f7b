/** Runs a command of the user's that breaks a node or mends it: program and arguments, no shell. */
import {execa, ExecaError} from 'execa'
import {TargetError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'

const PATIENCE_MS = 8000

/** Resolves when it ended with 0. Throws a TargetError with its last words otherwise, and when it takes longer than 8 s. */
export async function runCommand([program = '', ...words]: readonly string[]): Promise<void> {
  try {
    await execa(program, words, {stdin: 'ignore', timeout: PATIENCE_MS, forceKillAfterDelay: 500})
  } catch (cause) {
    throw new TargetError(`'${redact([program, ...words].join(' '))}' failed: ${whyOf(cause)}`, {cause})
  }
}

function whyOf(cause: unknown): string {
  if (!(cause instanceof ExecaError)) return cause instanceof Error ? cause.message : String(cause)
  if (cause.timedOut) return `it took longer than ${PATIENCE_MS / 1000} s`
  const {stderr} = cause as Error & {readonly stderr?: string | undefined}
  const words = redact((stderr ?? '').trim().split('\n').at(-1) ?? '')
  return words === '' ? cause.originalMessage || `exit code ${cause.exitCode ?? '?'}` : words
}
