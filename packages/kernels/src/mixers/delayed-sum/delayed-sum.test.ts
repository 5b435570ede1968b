import { testKernel } from '@tilewright/tooling/test-kernel';
import { check } from './check.ts';

testKernel(check);
