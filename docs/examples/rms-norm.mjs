import { rmsNorm } from '@tilewright/kernels/rms-norm';
import { openDevice, runKernel } from '@tilewright/runtime';

const device = await openDevice();
console.log(device.adapter.description);

const x = device.tensor([2, 4], [1, 2, 3, 4, 10, 20, 30, 40]);
const weight = device.tensor([4], [1, 1, 1, 2]);
const { y } = await runKernel(device, rmsNorm, { inputs: { x, weight } });

// Each row divided by the root of its mean square, the last column doubled.
console.log(await y.read());

for (const tensor of [x, weight, y]) tensor.dispose();
device.dispose();
