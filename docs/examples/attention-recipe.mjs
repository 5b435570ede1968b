import { fixedCombiner } from '@tilewright/models/attention/combiner';
import { openDevice } from '@tilewright/runtime';

const device = await openDevice();
// Five tokens in blocks of two, all scores 0: own tokens and other blocks weigh the same.
const q = device.tensor([1, 5, 1, 4], Array(20).fill(0)); // [batch, tokens, heads, head_size]
const k = device.tensor([1, 5, 1, 4], Array(20).fill(0)); // [batch, tokens, heads, head_size]
const v = device.tensor([1, 5, 1, 1], [0, 1, 2, 3, 4]); // [batch, tokens, heads, value_size]
const { y } = await fixedCombiner(device, { q, k, v }, { blockSize: 2 });
console.log(await y.read()); // (0 + 1 + 2.5 + 4) / 4 twice, (2 + 3 + 0.5 + 4) / 4 twice, (4 + 0.5 + 2.5) / 3
device.dispose();
