/** The config file: YAML with flag names as keys, those of all drills on top and those of one drill in a section of its name. */
import {access} from 'node:fs/promises'
import {UsageError} from '../base/errors.js'
import {didYouMean} from '../base/nearest.js'

/** Read when it lies in the working folder and no other is named. */
const USUAL_CONFIG = 'proofload.config.yaml'

/** What the file says about one flag, and where. */
export interface Setting {
  readonly value: unknown
  /** `proofload.config.yaml:3: duration` */
  readonly where: string
}

export type Settings = ReadonlyMap<string, Setting>

export interface ConfigScope {
  /** The command that runs, which is also the name of its section. */
  readonly command: string
  readonly commands: readonly string[]
  /** Flags that may stand on top: those that all drills have. */
  readonly top: readonly string[]
  /** Flags that may stand in the section of the running command. */
  readonly section: readonly string[]
}

/** The path that was asked for, or the usual one if it is there. */
export async function configPath(asked: string | undefined): Promise<string | undefined> {
  if (asked !== undefined) return asked
  return await access(USUAL_CONFIG).then(
    () => USUAL_CONFIG,
    () => undefined,
  )
}

/** Throws a UsageError with the line for an unknown key, naming the nearest right one. A section's setting stands above one on top. */
export async function readConfig(file: string, scope: ConfigScope): Promise<Settings> {
  const {readYaml} = await import('../targets/profile/yaml-file.js')
  const yaml = await readYaml(file)
  const place = (path: readonly string[]) => `${file}:${yaml.lineOf(path)}: ${path.join('.')}`
  const top = mapping(yaml.value, `${file}: the file`)
  const settings = new Map<string, Setting>()
  for (const [key, value] of Object.entries(top)) {
    if (scope.commands.includes(key)) continue
    checkKey(key, place([key]), [...scope.top, ...scope.commands], scope)
    settings.set(key, {value, where: place([key])})
  }
  const section = top[scope.command]
  for (const [key, value] of Object.entries(section === undefined ? {} : mapping(section, place([scope.command])))) {
    const where = place([scope.command, key])
    checkKey(key, where, scope.section, scope)
    settings.set(key, {value, where})
  }
  return settings
}

function mapping(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new UsageError(`${where}: expected keys with values`)
}

function checkKey(key: string, where: string, known: readonly string[], {command, section}: ConfigScope): void {
  if (key === 'config') throw new UsageError(`${where}: a config file cannot name another one`)
  if (known.includes(key)) return
  if (section.includes(key)) throw new UsageError(`${where}: unknown key here, it belongs in the section '${command}:'`)
  throw new UsageError(`${where}: unknown key, ${didYouMean(key, [...new Set([...known, ...section])])}`)
}
