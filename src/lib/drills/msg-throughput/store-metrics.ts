/** What lay in shards, partitions and the archive, as metrics; pure. */
import type {GaugeSlice, Metric, MetricSet, MissingValue} from '../../metrics/metric.js'
import type {PartitionFacts} from '../../protocols/postgres/inspect-partitions.js'
import type {MsgThroughputFacts} from './facts.js'
import {msgThroughputMetrics, type MetricName} from './metrics.js'
import type {MsgThroughputPlan} from './plan.js'
import {roomsToWeigh} from './shard-chance.js'

type Facts = Pick<MsgThroughputFacts, 'stores' | 'archive' | 'measurements'>

export function storeMetrics(plan: MsgThroughputPlan, {stores, archive}: Facts): MetricSet {
  return {
    ...(stores?.shards.length !== 1 && {shard_imbalance: imbalanceOf(plan, stores)}),
    ...(stores?.partitions && partitionMetrics(stores.partitions)),
    ...(archive && {
      archive_missing: count('archive_missing', archive.missing, archive.wanted),
      archive_lag: gauge(
        'archive_lag',
        archive.lagMs,
        archive.trouble ?? `${archive.missing} messages were never found there`,
      ),
    }),
  }
}

const UNWEIGHED = `nothing is known of shards (store.shards of the profile), or the rooms are too few to tell: ${roomsToWeigh(2)} for each further shard`

type Stores = NonNullable<MsgThroughputFacts['stores']>

function imbalanceOf({layout, transport}: MsgThroughputPlan, stores: Stores | undefined): Metric {
  if (!stores) return gauge('shard_imbalance', undefined, UNWEIGHED)
  const {shards, trouble} = stores
  const total = shards.reduce((sum, messages) => sum + messages, 0)
  const needed = roomsToWeigh(shards.length)
  // With our own hash it is known before, and no matter of chance.
  const few = transport !== 'postgres' && layout.rooms < needed
  if (trouble !== undefined || total === 0)
    return gauge('shard_imbalance', undefined, trouble ?? 'no shard holds a message of this run')
  const imbalance = (Math.max(...shards) * shards.length) / total - 1
  const why = `${layout.rooms} rooms are too few to tell a bad hash over ${shards.length} shards from chance: use --rooms ${needed} or more`
  return few ? gauge('shard_imbalance', undefined, why) : gauge('shard_imbalance', imbalance, '')
}

function partitionMetrics(shards: readonly PartitionFacts[]): MetricSet {
  const of = (value: (facts: PartitionFacts) => number): number => shards.reduce((sum, facts) => sum + value(facts), 0)
  const missing = of((facts) => facts.missing.length)
  const dips = shards.flatMap(({rateAtSwitch, medianRate}) =>
    medianRate > 0 ? rateAtSwitch.map(({after}) => Math.max(0, 1 - after / medianRate)) : [],
  )
  return {
    partitions_missing: count('partitions_missing', missing, missing + of(({partitions}) => partitions.length)),
    partition_misplaced: count(
      'partition_misplaced',
      of((facts) => facts.misplaced),
      of(({partitions}) => partitions.reduce((sum, {rows}) => sum + rows, 0)),
    ),
    partition_switch_dip: gauge(
      'partition_switch_dip',
      dips.length === 0 ? undefined : Math.max(...dips),
      'no partition began during the load',
    ),
  }
}

const OF_THE_RUN = {phase: '', tags: {}}

function count(name: MetricName, value: number, exposure: number): Metric {
  return {type: 'counter', definition: msgThroughputMetrics[name], slices: [{...OF_THE_RUN, value, exposure}]}
}

/** `why` there is no value, if there is none. */
function gauge(name: MetricName, value: number | undefined, why: string): Metric {
  const slices: GaugeSlice[] = value === undefined ? [] : [{...OF_THE_RUN, value}]
  const missing: MissingValue[] = value === undefined ? [{...OF_THE_RUN, why}] : []
  return {type: 'gauge', definition: msgThroughputMetrics[name], slices, missing}
}
