import { alibi, documentMask } from '@tilewright/kernels/fillings';
import { flashAttention } from '@tilewright/kernels/flash-attention';
import { openDevice, runKernel } from '@tilewright/runtime';

const device = await openDevice();
// Two documents of two tokens in one row. All scores are 0, so weights go by ALiBi's distances alone: halves per token.
const inputs = {
  q: device.tensor([1, 4, 1, 4], Array(16).fill(0)),
  k: device.tensor([1, 4, 1, 4], Array(16).fill(0)),
  v: device.tensor([1, 4, 1, 1], [1, 2, 3, 4]),
  'score.slopes': device.tensor([1], [Math.log(2)]),
  'mask.documents': device.tensor([1, 4], Uint32Array.of(0, 0, 1, 1)),
};
const slots = { score: alibi, mask: documentMask };
const { y } = await runKernel(device, flashAttention, { inputs, slots, options: { causal: true } });
console.log(await y.read()); // 1, (0.5 · 1 + 2) / 1.5, 3, (0.5 · 3 + 4) / 1.5
device.dispose();
