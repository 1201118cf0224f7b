/** By which of its metrics a drill shows that the target lives; each drill says it in one constant. */

export interface VitalSigns {
  /** Counter of operations that succeeded, counted when they did: `messages_delivered`. */
  readonly successes: string
  /** Distribution of the latency that is shown before, during and after a fault: `delivery_latency`. */
  readonly latency: string
  /** Counter of users that were cut off: `unexpected_disconnects`. */
  readonly cutOff: string
}
