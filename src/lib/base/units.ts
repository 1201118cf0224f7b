/** Units as types: a number that remembers what it counts. */

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

/** The names of the units that a measured value can have. */
export type UnitName = 'ms' | 'count' | 'bytes' | 'perSecond' | 'share'

/** Milliseconds in a second, a minute, an hour and a day. */
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
