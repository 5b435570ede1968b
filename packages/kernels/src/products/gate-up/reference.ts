import type { Oracle } from '../../contract/check.ts';
import type { ActivationReference, EpilogueReference } from '../fillings/slots.ts';
import { expressionReference } from '../../numbers/expression-reference.ts';
import { product, scaleRows, slotArguments } from '../reference.ts';

export const gateUpReference: Oracle = (input) => {
  const { axes, inputs, slots, round } = input;
  const f = axes.f!;
  const { y, factors, rows } = product(input, 2 * f);
  const both = scaleRows(y, factors, 2 * f, round);
  const half = (first: number): Float64Array =>
    Float64Array.from({ length: rows * f }, (_, i) => both[Math.floor(i / f) * 2 * f + first + (i % f)]!);
  const activation = slots.activation as ActivationReference;
  const epilogue = slots.epilogue as EpilogueReference;
  const [gate, up] = [half(0), half(f)];
  const result =
    typeof activation === 'function'
      ? activation(gate, up, round)
      : gate.map((value, i) => expressionReference(activation, { gate: value, up: up[i]! }, round));
  return epilogue({ ...slotArguments('epilogue', inputs, input), rows, columns: f, y: result });
};
