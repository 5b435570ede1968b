export const everything: { include: string[]; exclude: string[] };
