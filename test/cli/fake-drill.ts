/** A drill without a world, and its command: it measures what it is told to, so that the flow around it can be watched. */
import {fileURLToPath} from 'node:url'
import {DrillCommand} from '../../src/lib/cli/drill-command.js'
import {option, repeated} from '../../src/lib/cli/flags/option.js'
import {count, duration, text} from '../../src/lib/cli/flags/read.js'
import type {Work} from '../../src/lib/cli/flow.js'
import type {CommonInput} from '../../src/lib/drills/drill.js'
import type {FactsFrame, Kit, PlanFrame} from '../../src/lib/drills/drill.js'
import type {Values} from '../../src/lib/cli/flags/option.js'
import {settleFaults} from '../../src/lib/faults/settle.js'
import type {Terminal} from '../../src/lib/report/terminal.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const fakeFlags = {
  lost: option((given) => Number(given), {value: 'N', usual: '0', summary: 'What it finds lost.'}),
  tried: option((given) => Number(given), {value: 'N', usual: '100', summary: 'On how many.'}),
  users: option(count, {value: 'N', usual: '10', summary: 'A count.'}),
  duration: option(duration, {value: 'TIME', usual: '20s', summary: 'A duration.'}),
  tag: repeated(text, {value: 'TEXT', summary: 'Several texts.'}),
}

interface Input extends CommonInput {
  readonly own: Values<typeof fakeFlags>
}

interface Plan extends PlanFrame {
  readonly own: Values<typeof fakeFlags>
  readonly targets: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly phases: readonly string[]
}

interface Facts extends FactsFrame {
  readonly lost: number
  readonly tried: number
}

/** What a test may do while the drill is driven; by default nothing. */
export type Drive = (kit: Kit) => Promise<void>

function workWith(drive: Drive): Work<Values<typeof fakeFlags>, Input, Plan, Facts> {
  return {
    kind: 'websocket',
    toInput: (own, common) => ({...common, own}),
    drill: {
      name: 'fake',
      latency: 'delivery_latency',
      next: () => ({ownSystem: 'proofload fake --own', undecided: {what: 'a longer run', flags: 'with more'}}),
      metrics: {
        messages_lost: {type: 'counter', unit: 'count', meaning: 'Never came.', exposedTo: 'deliveries'},
        delivery_latency: {type: 'distribution', unit: 'ms', meaning: 'From due to received.'},
      },
      plan: ({own, seed, targets, headers, faults}) => ({
        drill: 'fake',
        seed,
        own,
        targets,
        headers,
        phases: ['steady'],
        faults: settleFaults(faults.specs, {...faults, durationMs: own.duration}),
        thresholds: ['messages_lost == 0'],
        practice: {nodes: 1},
        needs: {workers: 1, descriptorsPerWorker: own.users, sockets: own.users, memoryBytes: 1},
      }),
      async drive({own}, kit) {
        await drive(kit)
        return {
          lost: own.lost,
          tried: own.tried,
          startedAtMs: 0,
          phases: [{name: 'steady', startMs: 0, endMs: 1000}],
          faults: [],
          series: {},
          generator: {
            workers: 1,
            eventLoopDelayP99Ms: 1,
            cpuShare: 0.1,
            gcShare: 0,
            waitShare: 0,
            startDelayP99Ms: 1,
            droppedArrivals: 0,
            rssBytes: 1e6,
            healthy: true,
          },
          evidence: {runId: kit.runId},
        }
      },
      check: (_plan, {lost, tried}) => ({
        doubts: [],
        metrics: {
          messages_lost: {
            type: 'counter',
            definition: {type: 'counter', unit: 'count', meaning: 'Never came.', exposedTo: 'deliveries'},
            slices: [{phase: 'steady', tags: {}, value: lost, exposure: tried}],
          },
        },
      }),
    },
  }
}

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** A target that nobody asks anything, so that no practice target is started. */
export const TARGET = ['--target', 'ws://127.0.0.1:9']

/** Runs the fake drill's command in this process. */
export async function runFake(argv: readonly string[], drive: Drive = () => Promise.resolve()): Promise<Ran> {
  const written = {stdout: '', stderr: ''}
  class Fake extends DrillCommand {
    static override readonly id = 'fake'
    static override readonly flags = fakeFlags
    protected override readonly terminal: Terminal = {
      out: (text) => void (written.stdout += text),
      err: (text) => void (written.stderr += text),
      colour: {out: false, err: false},
      live: false,
    }

    async run(): Promise<unknown> {
      return await this.conduct(fakeFlags, () => Promise.resolve(workWith(drive)))
    }
  }
  const before = process.exitCode
  process.exitCode = 0
  try {
    await Fake.run([...argv], ROOT)
    return {...written, exitCode: process.exitCode}
  } finally {
    process.exitCode = before
  }
}
