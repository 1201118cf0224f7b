/** In what a copy differs from its source, and what cannot be copied at all; pure. */
import {UsageError} from '../../../base/errors.js'
import {formatShare, formatSize} from '../../../base/format-units.js'
import type {CopyOrder, NotCopied} from './copy-facts.js'
import type {Manners} from './snapshot.js'
import type {SourceTable} from './source-tables.js'

/** Throws a UsageError before anything is copied. */
export function checkSize(tables: readonly SourceTable[], {sample, limits}: CopyOrder): void {
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0) * (sample ?? 1)
  if (bytes <= limits.bytes) return
  const [largest] = tables.toSorted((one, other) => other.bytes - one.bytes)
  const share = (sample ?? 1) * (limits.bytes / bytes)
  throw new UsageError(
    `a copy would take ${formatSize(bytes)}, more than the ${formatSize(limits.bytes)} that are allowed; the largest table is ${largest?.path ?? 'none'}`,
    {hint: `copy a sample of about ${formatShare(Math.floor(share * 1000) / 1000)}, name the tables, or allow more`},
  )
}

/** Tables that are not made, with the reason. */
export function uncopied(tables: readonly SourceTable[]): readonly NotCopied[] {
  return tables.flatMap(({kind, path, readable}) => {
    if (kind === 'f') return [{what: `foreign table ${path}`, why: 'its rows lie on another server'}]
    if (kind !== 'v' && !readable) return [{what: `table ${path}`, why: 'the role may not read it'}]
    return []
  })
}

export function isCopied({kind, readable}: SourceTable): boolean {
  return kind !== 'f' && kind !== 'v' && readable
}

interface Copied {
  readonly tables: readonly SourceTable[]
  readonly manners: Manners
  /** Columns whose collation the copy's server does not have. */
  readonly plain: readonly string[]
  readonly open: boolean
  readonly sample: number | undefined
}

export function notesOn({tables, manners, plain, open, sample}: Copied): readonly string[] {
  const secured = tables.filter(({rowSecurity}) => rowSecurity).map(({path}) => path)
  const views = tables.filter(({kind}) => kind === 'm').map(({path}) => path)
  const drawn = formatShare(sample ?? 1)
  return [
    ...(sample === undefined
      ? []
      : [
          `The copy is a sample of ${drawn} of each table's rows, and of the rows that these refer to: times and plans are those of less data.`,
        ]),
    ...(open ? ['Some sampled rows refer to rows that are not in the copy: there was no end to the chain.'] : []),
    ...(secured.length === 0
      ? []
      : [
          `Row-level security holds for ${secured.join(', ')}: the copy has the rows that the role may see, and no policies.`,
        ]),
    ...(views.length === 0 ? [] : [`Materialized views are tables in the copy: ${views.join(', ')}.`]),
    ...(/^(C|POSIX)(\.|$)/.test(manners.collation)
      ? []
      : [
          `The source sorts its texts by ${manners.collation}, the copy byte by byte: ORDER BY and LIKE on text may be planned otherwise.`,
        ]),
    ...(plain.length === 0
      ? []
      : [`Sorted byte by byte, as the copy's server lacks their collation: ${plain.join(', ')}.`]),
  ]
}
