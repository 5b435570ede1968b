// What an mLSTM puts into the slots of linear attention (xLSTM; Beck et al. 2024, arXiv 2405.04517).
import type { Filling } from '../../contract/filling.ts';
import type { FinishReference, GatesReference, MixerScope, TokenPlace } from './slots.ts';

/**
 * Slot `gates`: `m = max(logsigmoid(f) + before, i)`, the decay is `exp(logsigmoid(f) + before − m)` and the weight of the key `exp(i − m)`
 * over the root of the key size; m is noted. `gates.i`, `gates.f` and `gates.before`, the m before the token, are
 * `[batch, keys, value_heads]`.
 */
export const exponentialGates: Filling<GatesReference> = /* @__PURE__ */ Object.freeze({
  id: 'exponential',
  bindings: {
    i: { shape: ['batch', 'keys', 'value_heads'], dtype: 'float' as const },
    f: { shape: ['batch', 'keys', 'value_heads'], dtype: 'float' as const },
    before: { shape: ['batch', 'keys', 'value_heads'], dtype: 'float' as const },
  },
  wgsl: (slot: string) => `fn ${slot}(place: Place) -> vec3<f32> {
  let row = state_row(place);
  let kept = ${slot}_before_load(row) - soft_plus(-${slot}_f_load(row));
  let fresh = ${slot}_i_load(row);
  let m = max(kept, fresh);
  return vec3<f32>(kept - m, decay_factor(fresh - m) * inverseSqrt(f32(KEY_SIZE)), m);
}`,
  reference: (
    { batch, head, token }: TokenPlace,
    { tensor, axes, round }: MixerScope,
  ): readonly [number, number, number] => {
    const row = (batch * axes.keys! + token) * axes.value_heads! + head;
    const f = tensor('f')[row]!;
    const forget = round(Math.min(f, 0) - Math.log1p(Math.exp(-Math.abs(f))));
    const kept = round(tensor('before')[row]! + forget);
    const m = Math.max(kept, tensor('i')[row]!);
    const write = round(round(Math.exp(round(tensor('i')[row]! - m))) / Math.sqrt(axes.key_size!));
    return [round(kept - m), write, m];
  },
});

/** Slot `finish`: the output over the larger of |sum| and `exp(−m)`, m being what the gates noted. */
export const boundedRatio: Filling<FinishReference> = /* @__PURE__ */ Object.freeze({
  id: 'bounded-ratio',
  wgsl: (slot: string) => `fn ${slot}(place: Place, head: u32, column: u32, value: f32, sum: f32) -> f32 {
  return value / max(abs(sum), exp(clamp(-note_of(place), -87.0, 88.0)));
}`,
  reference: (
    place: TokenPlace,
    { value, sum }: { readonly value: number; readonly sum: number },
    { note, round }: MixerScope,
  ) => round(value / Math.max(Math.abs(sum), round(Math.exp(-note(place))))),
});
