// What transforms along an axis share: a workgroup has some lines of [outer, size, inner] in its memory, transforms them there, and writes
// them. Lines are counted by `unit`, `outer · inner` of them; an element has the place `line · pitch + n` in the array `work`.

/** One dispatch over tiles of lines. Text that speaks of `unit` and `n` is WGSL. */
export interface TilePass {
  readonly entryPoint: string;
  /** Elements of a line. */
  readonly size: number;
  /** Lines of a tile. */
  readonly lines: number;
  /** Lines in all: an expression. */
  readonly units: string;
  /** Whether what lies side by side in memory are lines and not elements, where it is read and where it is written. */
  readonly isAcross: { readonly load: boolean; readonly store: boolean };
  /** The element `n` of line `unit`: an expression. */
  readonly load: string;
  /** Statements over a tile, which `lane` does its part of; each ends with a barrier. */
  readonly transform: readonly string[];
  /** The place within its line of the element that is written as `n`: an expression. Default `n`. */
  readonly place?: string;
  /** Writes `value` as the element `n` of line `unit`: a statement. */
  readonly store: string;
}

/** Places from line to line: odd where there are several, so that lines side by side lie in different banks. */
export const pitchOf = ({ size, lines }: Pick<TilePass, 'size' | 'lines'>): number =>
  lines > 1 ? size | 1 : size;

/** As many lines as fit into `points` elements, a power of two and at most `most`; 0 where none does. */
export function linesOf(size: number, points: number, most: number): number {
  if (size > points) return 0;
  return Math.min(most, 2 ** Math.floor(Math.log2(Math.max(1, points / (size | 1)))));
}

/** The entry point of a pass; `work` and `WORKGROUP` are declared elsewhere. */
export function passWgsl(pass: TilePass): string {
  const { entryPoint, size, lines, units, isAcross, load, transform, place = 'n', store } = pass;
  const steps = (across: boolean, body: string): string =>
    `for (var step = 0u; step < (${size * lines}u + WORKGROUP - 1u) / WORKGROUP; step++) {
    let at = step * WORKGROUP + lane;
    let n = at ${across ? `/ ${lines}u` : `% ${size}u`};
    let line = at ${across ? `% ${lines}u` : `/ ${size}u`};
    let unit = first + line;
    if (at < ${size * lines}u && unit < ${units}) { ${body} }
  }`;
  const at = (n: string): string => `work[line * ${pitchOf(pass)}u + ${n}]`;
  return `@compute @workgroup_size(WORKGROUP)
fn ${entryPoint}(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first = linear_workgroup(id, count) * ${lines}u;
  ${steps(isAcross.load, `${at('n')} = ${load};`)}
  workgroupBarrier();
  ${transform.join('\n  ')}
  ${steps(isAcross.store, `let value = ${at(place)}; ${store}`)}
}`;
}

/** A statement for each element of a tile, `n` of `unit`, whose place in `work` is `at`; ends with a barrier. */
export function overTile(
  pass: Pick<TilePass, 'size' | 'lines' | 'units'>,
  place: string,
  body: string,
): string {
  const { size, lines, units } = pass;
  return `for (var step = 0u; step < (${size * lines}u + WORKGROUP - 1u) / WORKGROUP; step++) {
    let task = step * WORKGROUP + lane;
    let n = task % ${size}u;
    let unit = first + task / ${size}u;
    let at = task / ${size}u * ${pitchOf(pass)}u + ${place};
    if (task < ${size * lines}u && unit < ${units}) { ${body} }
  }
  workgroupBarrier();`;
}
