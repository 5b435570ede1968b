import type { OracleTensor } from '../../contract/check.ts';
import type { Filling } from '../../contract/filling.ts';

/** What is written for the drawn tokens, whose logits are `logits`, by the filling's own names, or `ids`. */
export type EmitReference = (
  ids: OracleTensor,
  inputs: Readonly<Record<string, OracleTensor>>,
  logits: OracleTensor,
) => Readonly<Record<string, OracleTensor>>;

/** Writes the tokens to `ids`. */
export const plainEmit: Filling<EmitReference> = {
  id: 'ids',
  wgsl: (slot) => `fn ${slot}(row: u32, token: u32) { ids_store(row, token); }`,
  reference: (ids) => ({ ids }),
};

/**
 * Writes the tokens to `ids` and their logits to `logit` f32 `[rows]`. NaN is drawn before everything else, so a logit that is
 * a finite number says that all of the row are, or that none was larger.
 */
export const logitEmit: Filling<EmitReference> = {
  id: 'ids, logit',
  bindings: { logit: { shape: ['rows'], dtype: 'f32', role: 'output' } },
  wgsl: (slot) => `fn ${slot}(row: u32, token: u32) {
  ids_store(row, token);
  ${slot}_logit_store(row, f32(logits_load(row * VOCAB + token)));
}`,
  reference: (ids, _inputs, logits) => ({ ids, 'emit.logit': logits }),
};

/**
 * Writes the tokens to `ids` and moves the sequences on by one, so that the next step of decoding can be encoded before this
 * one is read: both columns of in-out `positions` u32 `[rows, 2]` and in-out `lengths` u32 `[rows]` grow by 1.
 */
export const advanceEmit: Filling<EmitReference> = {
  id: 'ids, advance',
  bindings: {
    positions: { shape: ['rows', 2], dtype: 'u32', width: 2, role: 'in-out' },
    lengths: { shape: ['rows'], dtype: 'u32', role: 'in-out' },
  },
  wgsl: (slot) => `fn ${slot}(row: u32, token: u32) {
  ids_store(row, token);
  ${slot}_positions_store(row, ${slot}_positions_load(row) + 1u);
  ${slot}_lengths_store(row, ${slot}_lengths_load(row) + 1u);
}`,
  reference: (ids, { positions, lengths }) => ({
    ids,
    'emit.positions': positions!.map((value) => value + 1),
    'emit.lengths': lengths!.map((value) => value + 1),
  }),
};
