import type { LoadReference } from '../slots.ts';
import type { Filling } from '../../contract/filling.ts';
import { pairwiseSum } from '../../numbers/pairwise-sum.ts';
import { keyAddressWgsl } from './rotation.ts';

/** Below this a row is not scaled further. */
const least = 1e-12;

/**
 * Slot `load_q`: queries of length one, `q / max(|q|, 1e-12)`; with {@link unitLoadK} and the scalar `scale` 1, cosine
 * attention, whose learned scale per head is {@link headTemperature} (Swin v2; Liu et al. 2022, arXiv 2111.09883). The length
 * is summed again for each fragment that is read, which pays for small heads and windows; otherwise normalise in front.
 */
export const unitLoadQ: Filling<LoadReference> = /* @__PURE__ */ unitLoad('q');

/** Slot `load_k`: see {@link unitLoadQ}. */
export const unitLoadK: Filling<LoadReference> = /* @__PURE__ */ unitLoad('k');

function unitLoad(tensor: 'q' | 'k'): Filling<LoadReference> {
  return {
    id: `unit-${tensor}`,
    wgsl: (slot) => `${keyAddressWgsl(slot, tensor)}
fn ${slot}(token: Token, unit: u32) -> qk_fragment {
  var sum = 0.0;
  for (var u = 0u; u < MANY; u++) {
    if (u >= QK_UNITS) { break; }
    let x = ${tensor}_load(token.at + u);
    sum += qk_dot(x, x);
  }
  return ${tensor}_load(token.at + unit) * inverseSqrt(max(sum, ${least ** 2}));
}`,
    reference: (_, stored, { round }) => {
      const row = stored();
      const square = pairwiseSum(
        row.map((x) => round(x * x)),
        round,
      );
      const factor = round(1 / Math.sqrt(Math.max(square, least ** 2)));
      return row.map((x) => round(x * factor));
    },
  };
}
