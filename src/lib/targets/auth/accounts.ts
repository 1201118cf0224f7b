/** Reads files of tokens and of accounts: one line for each virtual user. */
import {readFileSync} from 'node:fs'
import {UsageError} from '../../base/errors.js'

export interface Account {
  readonly user: string
  readonly password: string
  readonly token?: string
}

/** One token a line; blank lines do not count. Throws a UsageError when the file cannot be read or has fewer than `users`. */
export function readTokens(file: string, users: number): readonly string[] {
  const tokens = linesOf(file)
    .map((line) => line.text.trim())
    .filter((text) => text !== '')
  return enough(tokens, {file, users, what: 'tokens'})
}

/**
 * `user,password` or `user,password,token` a line, with or without a header line; quotes as in CSV. Throws a UsageError when the file cannot be
 * read, has fewer than `users`, or a line is not like that; `withToken` asks for the token in every line.
 */
export function readAccounts(file: string, users: number, withToken: boolean): readonly Account[] {
  const rows = linesOf(file).filter((line) => line.text.trim() !== '')
  const body = rows[0] && /^\s*user(name)?\s*,\s*password\b/i.test(rows[0].text) ? rows.slice(1) : rows
  const accounts = body.map(({text, number}) => accountOf(text, `${file}:${number}`, withToken))
  return enough(accounts, {file, users, what: 'accounts'})
}

interface Line {
  readonly text: string
  readonly number: number
}

function linesOf(file: string): Line[] {
  try {
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .map((text, index) => ({text, number: index + 1}))
  } catch (cause) {
    throw new UsageError(
      `${file}: cannot be read (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'})`,
      {cause},
    )
  }
}

function accountOf(text: string, where: string, withToken: boolean): Account {
  const fields = [...text.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '').trim() : quoted.replaceAll('""', '"'),
  )
  const [user = '', password, token] = fields
  if (user === '' || password === undefined || fields.length > 3)
    throw new UsageError(`${where}: is not user,password or user,password,token`)
  if (withToken && !token) {
    throw new UsageError(`${where}: has no token after user and password`, {
      hint: 'use auth mode request, with accounts, to log users in by password',
    })
  }
  return token ? {user, password, token} : {user, password}
}

interface Need {
  readonly file: string
  readonly users: number
  readonly what: string
}

function enough<T>(found: readonly T[], {file, users, what}: Need): readonly T[] {
  if (found.length >= users) return found
  const missing = users - found.length
  throw new UsageError(
    `${file} holds ${found.length} ${what} but ${users} users need one each: add ${missing} more, or ask for fewer users`,
  )
}
