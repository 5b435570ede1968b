/** Text that is markup already. */
export interface Markup {
  readonly markup: string;
}

type Piece = string | number | Markup | readonly Markup[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeText = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character]!);

/** A template for HTML and SVG: whatever is put in is escaped, unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const render = (piece: Piece): string => {
    if (typeof piece === 'number' || typeof piece === 'string') return escapeText(String(piece));
    return 'markup' in piece ? piece.markup : piece.map(render).join('');
  };
  return { markup: parts.reduce((text, part, i) => text + render(pieces[i - 1]!) + part) };
}

export const nothing: Markup = { markup: '' };
