import { useTestAdapter } from './adapter.ts';

useTestAdapter();
