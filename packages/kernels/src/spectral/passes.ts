// The dispatches of a Fourier transform of lines, there or there and back: one where a line fits into a workgroup, else two or three.
// A kernel's WGSL says what goes in and out: `enter(line, n)`, `amid(line, k, z)` between the two, `leave(line, k, z)`.
import { ceilDiv, type Extent, times } from '../contract/extent.ts';
import type { AssembleInput } from '../contract/assemble.ts';
import cutWgsl from './cut.wgsl';
import { backward, type Fourier, type FourierPart, forward, placeOf, points } from './fourier.ts';
import fourierWgsl from './fourier.wgsl';
import { overTile, passWgsl, type TilePass } from './tile-pass.ts';

export interface LinesOptions {
  readonly fourier: Fourier;
  /** `turn` there and back, multiplied in between by what `amid` says. */
  readonly isRound: boolean;
  /** Of the exponent, there: WGSL. */
  readonly sign: string;
  /** Lines in all. */
  readonly lines: Extent;
  /** Whether neighbouring lines lie side by side. */
  readonly isInside: boolean;
  /** What `enter`, `amid` and `leave` bind. */
  readonly bindings: Readonly<Record<'enter' | 'amid' | 'leave', readonly string[]>>;
  readonly slots: Readonly<Record<'enter' | 'amid' | 'leave', readonly string[]>>;
}

type Passes = Required<Pick<AssembleInput, 'constants' | 'scratch' | 'wgsl' | 'dispatches'>>;

/** What a Fourier transform hands on to `assemble`. The table is bound as `roots`, two numbers wide. */
export function fourierPasses(options: LinesOptions, workgroup: number): Passes {
  const { fourier, isRound, sign, lines, isInside, bindings, slots } = options;
  const [first, second] = fourier.parts as [FourierPart, FourierPart?];
  const common = { POINTS: points, WORKGROUP: workgroup, MANY: 0x3fff_ffff };
  const there = isRound ? '-1.0' : sign;
  const dispatch = (
    pass: TilePass,
    part: FourierPart,
    steps: readonly (keyof typeof bindings)[],
    more: string[],
  ) => ({
    entryPoint: pass.entryPoint,
    workgroups: ceilDiv(times(lines, fourier.size / part.size), part.lines),
    bindings: [...new Set(['roots', ...steps.flatMap((step) => bindings[step]), ...more])],
    slots: steps.flatMap((step) => slots[step]),
  });
  const between = (part: FourierPart, units: string, line: string, frequency: string): string[] =>
    isRound
      ? [
          overTile({ ...part, units }, placeOf(part), `work[at] = amid(${line}, ${frequency}, work[at]);`),
          ...backward(part, '1.0'),
        ]
      : [];
  const place = (part: FourierPart): Pick<TilePass, 'place'> => (isRound ? {} : { place: placeOf(part) });
  if (!second) {
    const pass: TilePass = {
      entryPoint: 'main',
      ...first,
      units: 'line_count()',
      isAcross: { load: isInside, store: isInside },
      load: 'enter(unit, n)',
      transform: [...forward(first, there), ...between(first, 'line_count()', 'unit', 'n')],
      ...place(first),
      store: 'leave(unit, n, value);',
    };
    return {
      constants: common,
      scratch: {},
      wgsl: [fourierWgsl, passWgsl(pass)],
      dispatches: [dispatch(pass, first, isRound ? ['enter', 'amid', 'leave'] : ['enter', 'leave'], [])],
    };
  }
  const units = { columns: 'line_count() * ROWS', rows: 'line_count() * COLUMNS' };
  const columns: TilePass = {
    entryPoint: 'columns',
    ...first,
    units: units.columns,
    isAcross: { load: true, store: true },
    load: 'load_column(unit, n)',
    transform: forward(first, there),
    place: placeOf(first),
    store: 'store_column(unit, n, value);',
  };
  const rows: TilePass = {
    entryPoint: 'rows',
    ...second,
    units: units.rows,
    isAcross: { load: isInside, store: isInside || !isRound },
    load: 'load_row(unit, n)',
    transform: [
      ...forward(second, there),
      ...between(second, units.rows, 'line_at(unit, COLUMNS)', 'row_frequency(unit, n)'),
    ],
    ...place(second),
    store: isRound
      ? 'store_row(unit, n, value);'
      : 'leave(line_at(unit, COLUMNS), row_frequency(unit, n), value);',
  };
  const back: TilePass = {
    ...columns,
    entryPoint: 'columns_back',
    load: 'load_column_back(unit, n)',
    transform: forward(first, '1.0'),
    store: 'leave(line_at(unit, ROWS), n * ROWS + middle_part(unit, ROWS), value);',
  };
  return {
    constants: { ...common, COLUMNS: first.size, ROWS: second.size },
    scratch: { passing: { width: 2, sizeBytes: times(lines, 8 * fourier.size) } },
    wgsl: [
      fourierWgsl,
      cutWgsl,
      `const FORWARD = ${there};`,
      ...[columns, rows, ...(isRound ? [back] : [])].map(passWgsl),
    ],
    dispatches: [
      dispatch(columns, first, ['enter'], ['passing']),
      dispatch(rows, second, isRound ? ['amid'] : ['leave'], ['passing']),
      ...(isRound ? [dispatch(back, first, ['leave'], ['passing'])] : []),
    ],
  };
}
