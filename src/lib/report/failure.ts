/** How an error is shown: one line on stderr, or one object on stdout. */
import {redact} from '../base/redact.js'
import type {Paint} from './paint.js'

export interface Failure {
  /** Kebab-case: `usage`, `target`, `bug`. */
  readonly code: string
  readonly message: string
  /** What the user can try. */
  readonly hint: string | undefined
  readonly exitCode: number
  /** Only of a bug, and only when it was asked for. */
  readonly stack: string | undefined
}

/** What is wrong, why, and what to try, on one line; a stack below it where there is one. */
export function failureText(failure: Failure, paint: Paint): string {
  const hint = failure.hint === undefined ? '' : paint.dim(` (${oneLine(failure.hint)})`)
  const stack = failure.stack === undefined ? '' : `${redact(failure.stack)}\n`
  return `${paint.bad('error:')} ${oneLine(failure.message)}${hint}\n${stack}`
}

export interface FailureJson {
  readonly error: {readonly code: string; readonly message: string; readonly hint: string | null}
  readonly exitCode: number
}

export function failureJson(failure: Failure): FailureJson {
  const hint = failure.hint === undefined ? null : oneLine(failure.hint)
  return {error: {code: failure.code, message: oneLine(failure.message), hint}, exitCode: failure.exitCode}
}

function oneLine(text: string): string {
  return redact(text)
    .replace(/\s*\n\s*/g, ' ')
    .trim()
}
