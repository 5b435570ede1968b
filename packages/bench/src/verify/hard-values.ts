// What kernels do with what is not a number, with infinities and with values beyond f16: docs/numbers.md, held against Programs.
import { f16BitsToF32, f32ToStoredF16Bits, type Program, type StorageType } from '@tilewright/kernels';
import { decodeTensor, type Device } from '@tilewright/runtime';
import { runPlaced } from './check-case.ts';
import type { DrawnTensor } from './draw-inputs.ts';
import { guardBytes, placeCase } from './place-case.ts';
import { type RowPlaces, rowPlaces } from './row-places.ts';
import { answersOf, type Expected, outputOf, type PreparedCase } from './prepare-case.ts';

/** A case spoiled in one way: this value in that input, in one place or everywhere. */
interface HardValue {
  readonly tensor: string;
  readonly value: number;
  readonly everywhere: boolean;
}

/** Puts hard values into each float input of a case in turn; gives a sentence for each promise that a Program did not keep. */
export async function checkHardValues(
  device: Device,
  prepared: PreparedCase,
  program: Program,
): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const hard of hardValuesOf(prepared))
    broken.push(...(await checkHardValue(device, prepared, program, hard)));
  return broken;
}

const hardValuesOf = ({ drawn }: PreparedCase): readonly HardValue[] =>
  [...drawn]
    .filter(
      ([, { dtype, weight, exact }]) => (dtype === 'f32' || dtype === 'f16') && !weight && exact.length > 0,
    )
    .flatMap(([tensor]) => [
      ...[NaN, Infinity, -Infinity, 1e38].map((value) => ({ tensor, value, everywhere: false })),
      { tensor, value: NaN, everywhere: true },
    ]);

/** Somewhere in the middle, at a place that no width divides. `places` where rows lie apart in a root. */
function spoil(
  tensor: DrawnTensor,
  { value, everywhere }: HardValue,
  places: RowPlaces | undefined,
): DrawnTensor {
  const data = Float32Array.from(tensor.data);
  const stored = tensor.dtype === 'f16' ? f16BitsToF32(f32ToStoredF16Bits(value)) : value;
  if (everywhere) data.fill(stored);
  else data[7933 % data.length] = stored;
  if (!places) return { ...tensor, data, exact: Float64Array.from(data) };
  const root = Float32Array.from(tensor.root!);
  if (everywhere) for (let i = 0; i < data.length; i++) root[places.placeOf(i)] = stored;
  else root[places.placeOf(7933 % data.length)] = stored;
  // Rows that overlap share the value.
  const exact = Float64Array.from(data, (_, i) => root[places.placeOf(i)]!);
  return { ...tensor, data, root, exact };
}

async function checkHardValue(
  device: Device,
  prepared: PreparedCase,
  program: Program,
  hard: HardValue,
): Promise<readonly string[]> {
  const { check, input, problem } = prepared;
  const placesOf = (name: string, count: number): RowPlaces | undefined =>
    rowPlaces(check, input, problem, name, count);
  const tensor = prepared.drawn.get(hard.tensor)!;
  const drawn = new Map(prepared.drawn).set(
    hard.tensor,
    spoil(tensor, hard, placesOf(hard.tensor, tensor.data.length)),
  );
  const expected = answersOf(check, input, problem, drawn);
  const placed = placeCase(device, { ...prepared, drawn }, program);
  try {
    await runPlaced(device, prepared, program, placed.bindings);
    const outputs = program.bindings.filter(({ role }) => role === 'output' || role === 'in-out');
    const sentences = await Promise.all(
      outputs.map(async ({ name }) => {
        const { dtype } = outputOf(check, problem, name);
        const { buffer, sizeBytes } = placed.bindings[name]!;
        const bytes = await device.memory.download({ buffer, offsetBytes: 0, sizeBytes: buffer.size });
        const whole = decodeTensor(bytes.slice(guardBytes, guardBytes + sizeBytes), dtype);
        const wanted = expected.get(name)!;
        const places = placesOf(name, wanted.exact.length);
        const got = places ? wanted.exact.map((_, i) => whole[places.placeOf(i)]!) : whole;
        const rule = check.exact?.includes(name)
          ? exactRule
          : floatRule(hard, dtype, {
              spreads: check.spreads?.includes(hard.tensor) === true,
              skipsZeros:
                check.skips?.includes(hard.tensor) === true ||
                Object.values(problem.formats).some(({ values }) => values !== undefined),
            });
        const at = got.findIndex((value: number, i: number) => !rule(value, wanted, i));
        if (at < 0) return [];
        const what = `${hard.value} in ${hard.everywhere ? 'all of ' : ''}${hard.tensor}`;
        const want = wanted.exact[at];
        return [`${JSON.stringify(program.plan)}: with ${what}, ${name}[${at}] is ${got[at]}, want ${want}`];
      }),
    );
    return sentences.flat();
  } finally {
    placed.dispose();
  }
}

type Rule = (got: number, expected: Expected, i: number) => boolean;

const exactRule: Rule = (got, { exact }, i) =>
  got === exact[i] || (Number.isNaN(got) && Number.isNaN(exact[i]));

/**
 * NaN is where the oracle has it and nowhere else, unless it may spread, or may meet only zeros that a sparse weight does not
 * store. Where infinities cancel, the order of operations decides what becomes of them, but never that it is an ordinary
 * number.
 */
function floatRule(
  { value }: HardValue,
  dtype: StorageType,
  { spreads, skipsZeros }: { readonly spreads: boolean; readonly skipsZeros: boolean },
): Rule {
  const isOrdinary = (number: number): boolean =>
    Number.isFinite(number) && !(dtype === 'f16' && Math.abs(number) === 65504);
  return (got, { exact, rounded }, i) => {
    if (Number.isNaN(exact[i]) && Number.isNaN(rounded[i]))
      return skipsZeros || (Number.isNaN(value) ? Number.isNaN(got) : !isOrdinary(got));
    if (!Number.isFinite(exact[i]) || !Number.isFinite(rounded[i])) return true;
    return spreads || !Number.isNaN(got);
  };
}
