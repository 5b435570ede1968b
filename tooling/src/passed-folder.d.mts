export const passedFolder: string;
export function forgetOld(folder?: string, now?: number): void;
