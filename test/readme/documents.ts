/** What the documents say, cut into parts that can be tried: code blocks, shell commands, flags and links. */
import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What users read; CONTRIBUTING also shows commands of other tools, so it is checked for links alone. */
export const USER_DOCUMENTS = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
)
export const ALL_DOCUMENTS = [...USER_DOCUMENTS, 'CONTRIBUTING.md']

interface Block {
  /** `README.md:12` */
  readonly where: string
  readonly language: string
  readonly text: string
}

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** Every fenced block, without the indent that it has inside a list. */
export function blocksIn(file: string): Block[] {
  const text = textOf(file)
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map((fence) => {
    const [, indent = '', language = '', inner = ''] = fence
    const line = text.slice(0, fence.index).split('\n').length
    return {where: `${file}:${line}`, language, text: inner.replaceAll(new RegExp(`^${indent}`, 'gm'), '')}
  })
}

export interface ShellCommand {
  readonly where: string
  readonly environment: Readonly<Record<string, string>>
  readonly words: readonly string[]
}

/** Examples as oclif writes them into the generated part of the README. */
export function examplesIn({where, text}: Block): ShellCommand[] {
  const lines = [...text.matchAll(/^ {4}\$ (.+)$/gm)].map(([, line = '']) => line)
  return commandsIn({where, language: 'sh', text: lines.join('\n')})
}

const OPERATORS = new Set(['&&', '||', '|', ';', '&'])

/** Commands of a block of shell, as the shell would split them; redirections are left out. */
export function commandsIn({where, text}: Block): ShellCommand[] {
  return text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) => split(line))
    .filter((words) => words.length > 0)
    .map((words) => {
      const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word))
      const settings = words.slice(0, first).map((word) => word.split(/=(.*)/s).slice(0, 2) as [string, string])
      return {where, environment: Object.fromEntries(settings), words: words.slice(first)}
    })
}

function split(line: string): string[][] {
  const commands: string[][] = [[]]
  let redirects = false
  for (const [token] of line.matchAll(/&&|\|\||[|;&<>]|(?:[^\s'"|;&<>]|'[^']*'|"[^"]*")+/g)) {
    if (OPERATORS.has(token)) commands.push([])
    else if (token === '>' || token === '<') redirects = true
    else if (redirects) redirects = false
    else commands.at(-1)?.push(token.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'))
  }
  return commands
}

/** The words after `proofload`, under whichever name it is called; undefined for another program. */
export function argumentsOf({words}: ShellCommand): readonly string[] | undefined {
  return words[0] === 'proofload' || words[0] === './bin/run.js' ? words.slice(1) : undefined
}

/** Long flags in a text, without what stands behind `=`. */
export function flagsIn(words: readonly string[]): string[] {
  return words.flatMap((word) => /^--([a-z][a-z-]*)/.exec(word)?.[1] ?? [])
}

/** Flags that a document names in its prose, in backticks. */
export function flagsInProse(file: string): string[] {
  const prose = textOf(file).replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
  return [...prose.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => flagsIn(code.split(/\s+/)))
}

interface Link {
  /** Path from the project's root; the document itself for a bare `#anchor`. */
  readonly path: string
  readonly anchor: string | undefined
}

/** Links to files of this project. */
export function linksIn(file: string): Link[] {
  return [...textOf(file).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#')
      return {path: path === '' ? file : join(dirname(file), path), anchor}
    })
}

/** Anchors as GitHub makes them of headings. */
export function anchorsIn(file: string): string[] {
  return [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
