import { registry } from '@tilewright/kernels/registry';
import { testKernels } from '../test-kernel.ts';

testKernels(registry.filter((_, index) => index % 4 === 1));
