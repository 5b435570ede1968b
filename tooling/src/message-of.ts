/** The message of what `act` throws, whole; `nothing was thrown` where it throws nothing. */
export function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}
