import { registry } from '@tilewright/kernels/registry';
import { testKernels } from '../test-kernel.ts';

testKernels(registry, 1, 2);
