// Times GPTQ of one weight [n, n] from a given Gram matrix of correlated inputs, and what memory it takes beyond both:
//   node tooling/src/measure-gptq.mjs [n]
import { Worker } from 'node:worker_threads';
import { gramStatistic, statisticValues } from '../../packages/compression/dist/index.js';
import { packF32, denseCodec } from '../../packages/kernels/dist/weights/dense/index.js';
import { integerCodec, integerQuantizer } from '../../packages/kernels/dist/weights/integer/index.js';
import { gptq } from '../../packages/quant/dist/index.js';
import { runMain } from './files.mjs';

/** The largest resident size from now on, in bytes: asked by another thread, since this one is busy. */
function watchMemory() {
  const text = `
    const { parentPort } = require('node:worker_threads');
    let most = 0;
    setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
    parentPort.on('message', () => parentPort.postMessage(most));`;
  const worker = new Worker(text, { eval: true });
  return async () => {
    const most = await new Promise((resolve) => {
      worker.on('message', resolve);
      worker.postMessage('stop');
    });
    await worker.terminate();
    return most;
  };
}

function inputs(n) {
  let state = 1;
  const draw = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 31 - 1;
  const sizes = Float64Array.from({ length: n }, () => Math.exp(draw()));
  const gram = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      gram[i * n + j] = 1000 * Math.sqrt(sizes[i] * sizes[j]) * 0.95 ** Math.abs(i - j);
  const values = new Float32Array(n * n).map(() => 0.02 * (draw() + draw() + draw()));
  return { gram, tensor: packF32(values, [n, n]) };
}

await runMain(import.meta, async () => {
  const n = Number(process.argv[2] ?? 4096);
  const { gram, tensor } = inputs(n);
  const known = statisticValues([gramStatistic, { gram, columns: n, samples: n }]);
  const recipe = gptq(integerQuantizer({ bits: 4, scale: 'search' }));
  const part = {
    state: new Map([['weight', tensor]]),
    weights: ['weight'],
    sites: [],
    codecs: [denseCodec, integerCodec],
    statistics: () => known,
  };
  const stop = watchMemory();
  const [before, started, cpu] = [process.memoryUsage.rss(), performance.now(), process.cpuUsage()];
  for (const { rewrite } of recipe.stages) for (const change of rewrite(part)) void change;
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - started) / 1000;
  const extra = ((await stop()) - before) / 2 ** 20;
  console.log(
    `[${n}, ${n}]: ${seconds.toFixed(1)} s, of processors ${((user + system) / 1e6).toFixed(1)} s; ${extra.toFixed(0)} MiB more memory`,
  );
});
