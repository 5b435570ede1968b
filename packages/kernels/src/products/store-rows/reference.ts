import type { Oracle } from '../../contract/check.ts';
import type { EpilogueReference } from '../fillings/slots.ts';

export const storeRowsReference: Oracle = ({ axes, inputs, slots, round }) => {
  const own = Object.entries(inputs).flatMap(([name, data]) =>
    name.startsWith('epilogue.') ? [[name.slice('epilogue.'.length), data] as const] : [],
  );
  return (slots.epilogue as EpilogueReference)({
    y: inputs.x!,
    rows: axes.batch! * axes.m!,
    columns: axes.n!,
    inputs: Object.fromEntries(own),
    uniforms: {},
    round,
  });
};
