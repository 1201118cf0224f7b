/** HTML that is safe by construction: whatever is put into a template is escaped, unless it is markup itself. */

export class Markup {
  constructor(readonly text: string) {}
}

type Part = string | number | Markup | readonly Part[]

/** `html\`<td>${cell}</td>\``; a list is written without anything between its items. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(texts.map((text, n) => text + written(parts[n] ?? '')).join(''))
}

export const NOTHING = new Markup('')

function written(part: Part): string {
  if (part instanceof Markup) return part.text
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return part.map(written).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'}

/** Characters that no HTML document may hold, also not as entities, are replaced. */
function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark)
    .replaceAll(/[^\P{Cc}\t\n\r]|\p{Cs}|\p{Noncharacter_Code_Point}/gu, '\uFFFD')
}
