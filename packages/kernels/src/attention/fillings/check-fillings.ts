// What the checks of the attention fillings share: a check of the probe by their cases, and inputs that obey their rules.
import { attentionCheck, attentionInputs } from '../check-cases.ts';
import type { CheckCase, CheckInputs, KernelCheck } from '../../contract/check.ts';
import { fillingProbe } from './filling-probe.ts';
import { ropeTable } from '../../position/rope/rope-table.ts';
import { sentinelSpans } from './sentinel-mask.ts';
import { treeAncestors } from './tree-mask.ts';

export const checkFillings = (cases: readonly CheckCase[]): KernelCheck => ({
  ...attentionCheck(fillingProbe, cases),
  inputs: fillingInputs,
});

type Draw = (shape: readonly number[], random: () => number) => Uint32Array | Float32Array;

/** By the name of the binding. */
const draws: Readonly<Record<string, Draw>> = {
  spans: ([batch, keys]) =>
    Uint32Array.from(
      Array.from({ length: batch! }, (_, row) =>
        Array.from(
          sentinelSpans(
            Array.from({ length: keys! }, (_each, i) => ({ 3: 1, 41: 2 })[(i + 17 * row) % 53] ?? 0).map(
              // A row that begins within a span has no token that opens it.
              (token, i) => (token === 2 && i < 38 ? 0 : token),
            ),
            { open: 1, close: 2 },
          ),
          // Written by others, for ever may be any number beyond the last position.
          (until) => (row % 2 === 1 && until === 0x7fff_ffff ? 0xffff_ffff : until),
        ),
      ).flat(),
    ),
  places: ([batch, keys]) =>
    Uint32Array.from({ length: 2 * batch! * keys! }, (_, i) => {
      const place = Math.floor(i / 2) % keys!;
      const length = Math.ceil(keys! / 3);
      return i % 2 === 0 ? Math.floor(place / length) : place % length;
    }),
  dependencies: ([series], random) =>
    Uint32Array.from({ length: series! ** 2 }, (_, i) => (i % (series! + 1) === 0 || random() < 0.4 ? 1 : 0)),
  ancestors: ([batch, nodes], random) =>
    Uint32Array.from(
      Array.from({ length: batch! }, () => [
        ...treeAncestors(Array.from({ length: nodes! }, (_, node) => Math.floor(random() * (node + 1)) - 1)),
      ]).flat(),
    ),
  // Some lead past the pool, whose pages are not known here.
  pages: ([batch, entries], random) =>
    Uint32Array.from({ length: batch! * entries! }, () => Math.floor(random() * (batch! * entries! + 2))),
  // Of a cache that lost every fourth row and a few at the beginning.
  positions: ([batch, keys]) =>
    Uint32Array.from({ length: batch! * keys! }, (_, i) => 5 + (i % keys!) + Math.floor((i % keys!) / 3)),
  counts: ([batch, lists, keys], random) =>
    Uint32Array.from({ length: batch! * lists! * keys! }, () => Math.floor(random() * 5)),
  variates: ([batch, keys]) => Uint32Array.from({ length: batch! * keys! }, (_, i) => Math.floor(i / 7) % 3),
};

export function fillingInputs(input: CheckCase, random: () => number): CheckInputs {
  const { axes, slots = {} } = input;
  const inputs: Record<string, CheckInputs[string]> = { ...attentionInputs(input, random) };
  for (const [slot, { bindings = {} }] of Object.entries(slots))
    for (const [name, binding] of Object.entries(bindings)) {
      const shape = binding.shape.map((size) => (typeof size === 'number' ? size : axes[size]!));
      const draw = draws[name.replace(/^([ab]_)+/, '')];
      const [positions, half, pair] = shape as [number, number, number];
      if (draw) inputs[`${slot}.${name}`] = draw(shape, random);
      else if (name === 'train')
        inputs[`${slot}.${name}`] = Uint32Array.from({ length: axes.batch! }, () =>
          Math.floor(random() * (axes.keys! + 1)),
        );
      else if (name === 'table' && slot.startsWith('load') && pair === 2)
        inputs[`${slot}.${name}`] = ropeTable({ headSize: 2 * half, positions });
    }
  return inputs;
}
