import { e2m1ToF32 } from './float8.ts';

/** What the codes stand for. */
export const e2m1Numbers: readonly number[] = /* @__PURE__ */ Array.from({ length: 16 }, (_, code) =>
  e2m1ToF32(code),
);
