/** Calls `end` once whoever reads `stream` has seen enough (`| head`), which else is an error with a stack. */
export function onClosedPipe(stream: Pick<NodeJS.EventEmitter, 'on'>, end: () => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    end();
  });
}
