/** How a parameter meets the data: the expression over one table that it is compared with, and in what form. */

/** A table as a plan reads it. */
export interface Source {
  readonly schema: string
  readonly name: string
  readonly alias: string
  /** It stands for a partition or a child beside others, so that its parent is asked for values. */
  readonly isPart: boolean
}

export type Shape =
  /** `column = $1`; the second and further ones of an IN list want values of other rows. */
  | {readonly kind: 'value'; readonly turn: number}
  /** `column = ANY ($1)`. */
  | {readonly kind: 'list'}
  /** `$1 = ANY (column)`. */
  | {readonly kind: 'element'}
  /** `column @> $1`, `column && $1`. */
  | {readonly kind: 'part'}
  /** `column ? $1`, `column ->> $1`; several: `column ?| $1`. */
  | {readonly kind: 'key'; readonly several: boolean}
  /** `column LIKE $1`, or `LIKE '%' || $1 || '%'`, where `before` and `after` are there already. */
  | {readonly kind: 'pattern'; readonly language: 'like' | 'regex'; readonly bare: boolean; readonly prefix: boolean}
  /** `column @@ $1`; `plain`: a function makes the query out of words. */
  | {readonly kind: 'words'; readonly plain: boolean}
  /** `column > $1` is a lower one. */
  | {readonly kind: 'bound'; readonly side: 'lower' | 'upper'; readonly narrow: 'high' | 'low' | undefined}

export interface Use {
  /** From 1. */
  readonly parameter: number
  readonly source: Source
  /** SQL over the source's alias. */
  readonly expression: string
  /** The column, where the expression is nothing more. */
  readonly column: string | undefined
  readonly shape: Shape
}

export function isSame(one: Source, other: Source): boolean {
  return one.alias === other.alias && one.name === other.name && one.schema === other.schema
}
