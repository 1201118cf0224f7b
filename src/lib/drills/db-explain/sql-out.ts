/** The file of --sql-out: opened before anything is done, so that a wrong path costs nothing. */
import {access, constants, open, rm, stat, type FileHandle} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {UsageError} from '../../base/errors.js'
import {whyUnwritable} from '../../base/unwritable.js'
import {alternatives, alternativeText, ddlToApply, type Findings} from './findings.js'

export interface SqlOut extends AsyncDisposable {
  write(found: Findings): Promise<void>
}

/** Undefined where none is asked for. Throws a UsageError when it cannot be created. What is never written to is removed again. */
export async function openSqlOut(file: string | undefined): Promise<SqlOut | undefined> {
  if (file === undefined) return undefined
  const handle = await open(file, 'w').catch((cause: unknown) => {
    throw new UsageError(`--sql-out ${file} cannot be created: ${whyUnwritable(cause)}`, {cause})
  })
  return new Script(handle, file)
}

/** Costs nothing yet, and changes nothing. Throws a UsageError when the file can certainly not be created. */
export async function checkSqlOut(file: string): Promise<void> {
  await access(dirname(resolve(file)), constants.W_OK).catch((cause: unknown) => {
    throw new UsageError(`--sql-out ${file} cannot be created: ${whyUnwritable(cause)}`, {cause})
  })
  if ((await stat(file).catch(() => undefined))?.isDirectory() === true)
    throw new UsageError(`--sql-out ${file} is a folder, not a file`)
}

class Script implements SqlOut {
  #written = false

  constructor(
    private readonly handle: FileHandle,
    private readonly file: string,
  ) {}

  async write(found: Findings): Promise<void> {
    const lines = ddlToApply(found).flatMap(({ddl, why}) => [`-- ${why}`, `${ddl};`, ''])
    const others = alternatives(found).flatMap((one) => [`-- ${alternativeText(one)}`, ''])
    const head = '-- Indexes that proofload db-explain advises. CONCURRENTLY cannot run inside a transaction.'
    await this.handle.writeFile([head, '', ...(lines.length === 0 ? ['-- none', ''] : lines), ...others].join('\n'))
    this.#written = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const regular = (await this.handle.stat()).isFile()
    await this.handle.close()
    if (!this.#written && regular) await rm(this.file, {force: true})
  }
}
