/** "1 file", "2 files", "12,345 files". @param things the plural, if it is not the thing with an s. */
export function countOf(number: number, thing: string, things = `${thing}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? thing : things}`;
}
