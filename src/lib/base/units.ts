/** Units as types and as people write them: `1m30s`, `10k`, `64KiB`, `10000/s`, `1%`. */

/** A number that remembers its unit; a bare number is accepted, another unit is not. */
type Flavour<Unit extends string> = number & {readonly __unit?: Unit}

/** Milliseconds, fractions allowed. */
export type Ms = Flavour<'ms'>
/** Bytes. */
export type Bytes = Flavour<'bytes'>
/** Events per second. */
export type PerSecond = Flavour<'perSecond'>
/** A fraction from 0 to 1. */
export type Share = Flavour<'share'>
