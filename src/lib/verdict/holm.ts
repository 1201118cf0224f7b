/** Puts chances right where many questions were asked at once: of enough of them, one comes out small by luck. */

/**
 * The chances, each as large as it must count so that the chance of even one false alarm among all stays what is allowed for one.
 * Source: Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6, 1979.
 */
export function holm(chances: readonly number[]): number[] {
  const order = chances.map((_, index) => index).sort((left, right) => (chances[left] ?? 0) - (chances[right] ?? 0))
  const adjusted = new Array<number>(chances.length).fill(1)
  let largest = 0
  for (const [place, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (chances[index] ?? 1) * (chances.length - place)))
    adjusted[index] = largest
  }
  return adjusted
}
