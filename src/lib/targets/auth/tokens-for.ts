/** Makes the token source that a profile's auth asks for; it can be made anew in any worker from the profile's JSON. */
import {compileTemplate} from '../../protocols/template.js'
import {type Account, readAccounts, readTokens} from './accounts.js'
import {logins} from './login.js'
import type {Auth, FileAuth, RequestAuth, SignAuth} from './schema.js'
import {tokenSigner} from './sign.js'
import type {TokenContext, TokenSource, UserValues} from './token-source.js'

/**
 * Reads the files that the auth names, sends nothing yet. Throws a UsageError for a file with fewer lines than users, and for a key that cannot be
 * used; so making one before the load starts is also the check.
 */
export function tokensFor(auth: Auth, context: TokenContext): TokenSource {
  switch (auth.mode) {
    case 'none':
      return simple(context, () => '')
    case 'fixed':
      return simple(context, () => auth.token)
    case 'file':
      return fromFile(auth, context)
    case 'sign':
      return signed(auth, context)
    case 'request':
      return requested(auth, context)
  }
}

function simple(context: TokenContext, token: (n: number) => string): TokenSource {
  return {user: namesOf(context), token, fresh: always, close: nothingToClose}
}

function fromFile(auth: FileAuth, context: TokenContext): TokenSource {
  if (auth.kind === 'accounts') {
    const accounts = readAccounts(auth.path, context.users, true)
    const user = (n: number): string => at(accounts, n).user
    return {user, token: (n) => at(accounts, n).token ?? '', fresh: always, close: nothingToClose}
  }
  const tokens = readTokens(auth.path, context.users)
  return simple(context, (n) => at(tokens, n))
}

function signed(auth: SignAuth, context: TokenContext): TokenSource {
  const user = namesOf(context)
  const sign = tokenSigner(auth, context.clock)
  return {user, token: (n) => sign({n, user: user(n), run: context.run}), fresh: always, close: nothingToClose}
}

function requested(auth: RequestAuth, context: TokenContext): TokenSource {
  const accounts = auth.accounts === undefined ? undefined : readAccounts(auth.accounts, context.users, false)
  const named = namesOf(context)
  const valuesOf = (n: number): UserValues => {
    const account: Account | undefined = accounts && at(accounts, n)
    if (account) return {n, user: account.user, password: account.password, run: context.run}
    return {n, user: named(n), run: context.run}
  }
  const {token, fresh, close} = logins(auth, context)
  return {user: (n) => valuesOf(n).user, token: (n) => token(n, valuesOf(n)), fresh, close}
}

function namesOf({userName, run}: TokenContext): (n: number) => string {
  const template = compileTemplate(userName, ['run', 'n'])
  return (n) => template.fill({run, n})
}

function at<T>(list: readonly T[], n: number): T {
  const found = list[n]
  if (found === undefined) throw new RangeError(`user ${n} is outside the ${list.length} that were read`)
  return found
}

function always(): boolean {
  return true
}

async function nothingToClose(): Promise<void> {
  await Promise.resolve()
}
