/** What the accepting process and those that only carry say to each other; a client's handle travels with `carry`. */
import type {Toxic} from '../toxic.js'
import type {Arrival, CarriedCounts} from './carrier.js'

export type ToCarrier =
  | {readonly kind: 'begin'; readonly seed: string}
  | {readonly kind: 'carry'; readonly arrival: Arrival}
  | {readonly kind: 'shape'; readonly id: number; readonly proxy: string; readonly toxics: readonly Toxic[]}
  | {readonly kind: 'drop'; readonly id: number; readonly proxy: string}
  | {readonly kind: 'counts'; readonly id: number}

export type FromCarrier =
  | {readonly kind: 'ready'}
  /** How many connections have arrived, and how many have ended, since this was last said. */
  | {readonly kind: 'progress'; readonly arrived: number; readonly ended: number}
  | {readonly kind: 'done'; readonly id: number; readonly counts?: Readonly<Record<string, CarriedCounts>>}
