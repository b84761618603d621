/** Makes the stack; the outputs are what it resolves to. */
export async function program(): Promise<Readonly<Record<string, unknown>>> {
  return await Promise.resolve({});
}
