/** Resolves when one of the signals is aborted. */
export async function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  const either = AbortSignal.any([...signals]);
  if (either.aborted) return;
  await new Promise<void>((resolve) => {
    either.addEventListener('abort', () => resolve(), { once: true });
  });
}
