export type XmlElement = { readonly name: string; readonly text: string; readonly children: readonly XmlElement[] };

/**
 * Reads a small XML document as S3 clients send them: elements, text, entities, comments; attributes and namespaces are
 * skipped. DTDs and custom entities are not supported, so that nothing can be expanded or fetched.
 *
 * @returns the root element, or `null` when it is not well-formed.
 */
export function parseXml(source: string): XmlElement | null {
  const token =
    /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\w:.-]+)((?:\s[^<>]*?)?)(\/?)>|([^<]+)/gy;
  const root: Open = { name: '', text: '', children: [] };
  const open: Open[] = [root];
  let end = 0;
  for (let match = token.exec(source); match !== null; match = token.exec(source)) {
    end = token.lastIndex;
    const [, cdata, closing, qualifiedName, , selfClosing, text] = match;
    const current = open.at(-1);
    if (current === undefined) return null;
    if (text !== undefined) current.text += unescape(text);
    else if (cdata !== undefined) current.text += cdata;
    else if (qualifiedName !== undefined) {
      const name = qualifiedName.replace(/^.*:/, '');
      if (closing === '/') {
        if (current === root || current.name !== name) return null;
        open.pop();
      } else {
        const element: Open = { name, text: '', children: [] };
        current.children.push(element);
        if (selfClosing !== '/') open.push(element);
      }
    }
  }
  const [only, ...others] = root.children;
  const wellFormed = end === source.length && open.length === 1 && others.length === 0 && root.text.trim() === '';
  return wellFormed && only !== undefined ? only : null;
}

type Open = { name: string; text: string; children: Open[] };

/** CR and characters that XML 1.0 cannot hold become character references, as in S3: a parser would read CR as LF. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/(?![\t\n])\p{Cc}/gu, (character) => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`);
}

function unescape(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi,
    (_, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number.parseInt(decimal, 10));
      return { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }[(name ?? '').toLowerCase()] ?? '';
    },
  );
}
