/** A value of the query protocol's replies: lists name their items' element. */
export type XmlValue = string | number | boolean | undefined | XmlList | { readonly [element: string]: XmlValue };
type XmlList = { readonly item: string; readonly values: readonly XmlValue[] };

const isList = (value: object): value is XmlList => 'item' in value && 'values' in value && Array.isArray(value.values);

/** Elements for an object's members, in order; absent ones are left out. */
export function toXml(value: XmlValue): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return escapeXml(String(value));
  if (isList(value)) return value.values.map((entry) => `<${value.item}>${toXml(entry)}</${value.item}>`).join('');
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `<${name}>${toXml(member)}</${name}>`)
    .join('');
}

/** Characters that XML 1.0 cannot hold become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/(?![\t\n\r])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
