/** Where journals and locks are kept between runs: a directory of the user's, never a temporary one, as it must outlive a crash. */
import {homedir} from 'node:os'
import {join} from 'node:path'

/** `asked`, else $PROOFLOAD_STATE, else proofload in $XDG_STATE_HOME, else in ~/.local/state (XDG Base Directory Specification 0.8). */
export function stateDirectory(asked?: string, environment: NodeJS.ProcessEnv = process.env): string {
  const named = [asked, environment['PROOFLOAD_STATE']].find((path) => path !== undefined && path !== '')
  if (named !== undefined) return named
  const home = environment['XDG_STATE_HOME']
  // The specification ignores relative paths.
  return join(home?.startsWith('/') ? home : join(homedir(), '.local', 'state'), 'proofload')
}
