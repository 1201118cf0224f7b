/** The report, or any other result, as JSON text for people and machines. */

const NUMBERS = /\[\n\s+((?:-?[\d.eE+-]+|null)(?:,\n\s+(?:-?[\d.eE+-]+|null))*)\n\s+\]/g

/** Indented, but a list of numbers stays on one line; a line break cannot occur inside a JSON string, so no string is touched. */
export function toJsonText(value: unknown): string {
  const indented = JSON.stringify(value, null, 2)
  return `${indented.replace(NUMBERS, (_all, numbers: string) => `[${numbers.replace(/,\n\s+/g, ', ')}]`)}\n`
}
