/** The files that a report is written to: created before the run, so that a wrong path costs nothing, and written at its end. */
import {type FileHandle, open, rm} from 'node:fs/promises'
import {UsageError} from '../base/errors.js'
import {didYouMean} from '../base/nearest.js'
import {whyUnwritable} from '../base/unwritable.js'
import {toPage} from './html/page.js'
import {toJsonText} from './json.js'
import type {Report} from './schema.js'

type Writer = (report: Report) => string

/** Every kind of file that a report can become. */
const WRITERS = {json: toJsonText, html: toPage} as const satisfies Record<string, Writer>

export type OutputKind = keyof typeof WRITERS

const OUTPUT_KINDS = Object.keys(WRITERS) as readonly OutputKind[]

/** `kind=FILE`, parsed. */
export interface OutputRequest {
  readonly kind: OutputKind
  readonly file: string
}

/** Reads `json=report.json`. Throws a UsageError that names the known kinds. */
export function parseOutput(text: string): OutputRequest {
  const [kind = '', ...rest] = text.split('=')
  const file = rest.join('=').trim()
  const known = OUTPUT_KINDS.find((name) => name === kind)
  if (known === undefined)
    throw new UsageError(`'${text}': unknown kind of output '${kind}', ${didYouMean(kind, OUTPUT_KINDS)}`, FORM)
  if (file === '') throw new UsageError(`'${text}' names no file`, FORM)
  return {kind: known, file}
}

const FORM = {hint: 'write KIND=FILE, e.g. json=report.json or html=report.html'}

export interface Outputs extends AsyncDisposable {
  /** Writes every file. Throws a UsageError when one cannot be written to its end. */
  write(report: Report): Promise<void>
}

/** Creates the files, empty. Throws a UsageError when one cannot be created; those that were are removed again. */
export async function openOutputs(requests: readonly OutputRequest[]): Promise<Outputs> {
  await using opened = new OpenFiles()
  for (const request of requests) await opened.add(request)
  return opened.handOver()
}

interface OpenFile extends OutputRequest {
  readonly handle: FileHandle
  written: boolean
}

/** Closes its files at the end, and removes those that never got a report, so that nobody takes an empty one for it. */
class OpenFiles implements Outputs {
  readonly #files: OpenFile[] = []

  async add(request: OutputRequest): Promise<void> {
    if (this.#files.some(({file}) => file === request.file))
      throw new UsageError(`two outputs name the same file: ${request.file}`)
    try {
      this.#files.push({...request, handle: await open(request.file, 'w'), written: false})
    } catch (cause) {
      throw new UsageError(`${request.kind} output ${request.file} cannot be created: ${whyUnwritable(cause)}`, {cause})
    }
  }

  handOver(): OpenFiles {
    const heir = new OpenFiles()
    heir.#files.push(...this.#files.splice(0))
    return heir
  }

  async write(report: Report): Promise<void> {
    for (const file of this.#files) {
      try {
        await file.handle.writeFile(WRITERS[file.kind](report))
        file.written = true
      } catch (cause) {
        throw new UsageError(`${file.kind} output ${file.file} cannot be written: ${whyUnwritable(cause)}`, {cause})
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const {file, handle, written} of this.#files.splice(0).reverse()) {
      const regular = (await handle.stat()).isFile()
      await handle.close()
      if (!written && regular) await rm(file, {force: true})
    }
  }
}
